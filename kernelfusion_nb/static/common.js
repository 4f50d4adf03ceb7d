// What the widgets share; prepended to each of their scripts.
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// A DOM node: properties by name, attributes where a property of that name does not exist, then children.
function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// PNG bytes as an address for <img>; revoke it when done.
const address = (png) => URL.createObjectURL(new Blob([png], { type: "image/png" }));

// The root of a widget: notebook shortcuts stay out of it, and its own keys stay out of the notebook.
function root(name, label) {
  const node = make("div", { className: `kf ${name}`, role: "group", "aria-label": label });
  node.dataset.lmSuppressShortcuts = "true";
  node.addEventListener("keydown", (event) => event.stopPropagation());
  return node;
}
