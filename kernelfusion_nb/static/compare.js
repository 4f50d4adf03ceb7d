// Compare: two or more images under one view, two of them with a divider between or all side by side.
const LARGEST = 48;  // screen pixels of one image pixel at the strongest zoom

class View {
  constructor(model) {
    this.model = model;
    this.root = root("kf-compare", "Comparison of images");
    this.stage = make("div", { className: "kf-stage", tabIndex: 0, role: "application" });
    this.stage.style.height = `${model.get("height")}px`;
    this.panels = [];
    this.shown = [];
    this.outside = 0;
    this.toolbar();
    this.root.append(this.bar, this.stage, this.help());
    this.stage.setAttribute("aria-describedby", this.hint.id);
    this.read();
    this.stage.addEventListener("keydown", (event) => this.key(event));
    this.stage.addEventListener("pointerdown", (event) => this.grab(event));
    this.stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  toolbar() {
    const button = (text, label, action) => make("button", { type: "button", textContent: text, title: label, "aria-label": label, onclick: action });
    const chooser = (side) => make("select", { "aria-label": `image on the ${side}`, title: `image on the ${side}`,
      onchange: (event) => this.choose(side === "left" ? 0 : 1, event.target.value) });
    this.choosers = [chooser("left"), chooser("right")];
    this.swap = button("⇄", "swap left and right", () => this.set("pair", [...this.pair].reverse()));
    this.pairing = make("span", { className: "kf-row" }, this.choosers[0], this.swap, this.choosers[1]);
    this.layout = button("side by side", "all images side by side", () => this.set("side_by_side", !this.side));
    this.factor = make("output", { className: "kf-number", "aria-live": "polite", title: "screen pixels of one image pixel" });
    this.bar = make("div", { className: "kf-bar", role: "toolbar", "aria-label": "view" }, this.pairing, this.layout,
      make("span", { className: "kf-row kf-end" },
        button("−", "zoom out (key -)", () => this.zoomBy(1 / 1.5)), this.factor, button("+", "zoom in (key +)", () => this.zoomBy(1.5)),
        button("fit", "whole image (key 0)", () => this.zoomTo(1)),
        button("1:1", "one screen pixel for each image pixel (key 1)", () => this.zoomTo(1 / this.fit()))));
  }

  help() {
    this.hint = make("div", { className: "kf-hint", id: `kf-${Math.random().toString(36).slice(2)}`,
      textContent: "Drag or arrow keys: move (with shift by one pixel). Wheel, + and −: zoom; 0: all. Divider: drag its handle, or Tab to it and arrow keys." });
    return this.hint;
  }

  // State of the model, with the names that no longer exist left out.
  read() {
    const get = (name) => this.model.get(name);
    this.images = get("_panels");
    this.titles = this.images.map((image) => image.title);
    [this.zoom, this.centre, this.divider, this.side, this.pair] = ["zoom", "centre", "divider", "side_by_side", "pair"].map(get);
    const area = (image) => image.width * image.height;
    const largest = this.images.reduce((a, b) => (area(b) > area(a) ? b : a));
    [this.width, this.height] = [largest.width, largest.height];
  }

  set(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
  }

  // Builds the panels anew: after other images, another pair or another layout.
  build() {
    this.panels.forEach((panel) => URL.revokeObjectURL(panel.url));
    const titles = this.side ? this.titles : this.pair;
    this.panels = titles.map((title, index) => this.panel(this.images[this.titles.indexOf(title)], index));
    this.stage.replaceChildren(...this.panels.map((panel) => panel.node));
    this.stage.className = `kf-stage ${this.side ? "kf-side" : "kf-over"}`;
    this.stage.setAttribute("aria-label", `${titles.join(this.side ? ", " : " beside ")}: move and zoom`);
    if (!this.side) this.stage.append(this.bridge());
    this.choosers.forEach((chooser, index) => {
      chooser.replaceChildren(...this.titles.map((title) => make("option", { value: title, textContent: title })));
      chooser.value = this.pair[index];
    });
    this.pairing.hidden = this.side;
    this.layout.textContent = this.side ? "divider" : "side by side";
    this.layout.title = this.side ? "two images with a divider" : "all images side by side";
    this.layout.setAttribute("aria-label", this.layout.title);
    this.draw();
  }

  panel(image, index) {
    const url = address(image.png);
    const picture = make("img", { src: url, alt: image.title, draggable: false });
    picture.style.width = `${this.width}px`;
    picture.style.height = `${this.height}px`;
    const size = image.width === this.width ? "" : ` (${image.width}×${image.height})`;
    const label = make("span", { className: `kf-label${index === 1 && !this.side ? " kf-right" : ""}`, textContent: image.title + size });
    const frame = make("div", { className: "kf-frame" }, picture);
    return { url, image, picture, frame, node: make("div", { className: "kf-panel" }, frame, label) };
  }

  bridge() {
    this.handle = make("div", { className: "kf-divider", tabIndex: 0, role: "slider", "aria-orientation": "horizontal",
      "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": `divider between ${this.pair.join(" and ")}` }, make("span", { className: "kf-grip", "aria-hidden": "true" }));
    return this.handle;
  }

  // Size of one panel on the screen, and screen pixels of an image pixel at zoom 1.
  box() {
    const { clientWidth, clientHeight } = this.panels[0].frame;
    return [Math.max(1, clientWidth), Math.max(1, clientHeight)];
  }

  fit() {
    const [wide, tall] = this.box();
    return Math.min(wide / this.width, tall / this.height);
  }

  limit() {
    return Math.max(1, LARGEST / this.fit(), 1 / this.fit());
  }

  // Places every picture: the point `centre` (fractions of the image) lies in the middle of each panel.
  draw() {
    const [wide, tall] = this.box(), scale = this.fit() * this.zoom;
    const at = (middle, shown, whole) => (whole * scale <= shown ? (shown - whole * scale) / 2
      : clamp(shown / 2 - middle * whole * scale, shown - whole * scale, 0));
    const left = at(this.centre[0], wide, this.width), top = at(this.centre[1], tall, this.height);
    for (const { picture, image } of this.panels) {
      picture.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
      picture.style.imageRendering = scale * this.width / image.width > 1 ? "pixelated" : "auto";
    }
    this.factor.textContent = `${scale >= 9.95 ? scale.toFixed(0) : scale.toFixed(scale < 1 ? 2 : 1)}×`;
    if (!this.side) {
      const share = clamp(this.divider, 0, 1);
      this.panels[0].frame.style.clipPath = `inset(0 ${100 * (1 - share)}% 0 0)`;
      this.panels[1].frame.style.clipPath = `inset(0 0 0 ${100 * share}%)`;
      this.handle.style.left = `${100 * share}%`;
      this.handle.setAttribute("aria-valuenow", Math.round(100 * share));
      this.handle.setAttribute("aria-valuetext", `${Math.round(100 * share)} % ${this.pair[0]}`);
    }
  }

  // Zooms about a point of the panel, by default its middle, which stays where it is.
  zoomBy(factor, x = null, y = null) {
    const [wide, tall] = this.box(), before = this.fit() * this.zoom;
    this.zoom = clamp(this.zoom * factor, 1, this.limit());
    const after = this.fit() * this.zoom, [u, v] = this.middle(before);
    const dx = x === null ? 0 : x - wide / 2, dy = y === null ? 0 : y - tall / 2;
    this.centre = [u + dx / this.width * (1 / before - 1 / after), v + dy / this.height * (1 / before - 1 / after)];
    this.moved();
  }

  zoomTo(zoom) {
    this.zoomBy(zoom / this.zoom);
  }

  // The centre that is really in the middle, once the edges of the image hold it.
  middle(scale = this.fit() * this.zoom) {
    const [wide, tall] = this.box();
    const hold = (middle, shown, whole) => (whole * scale <= shown ? 0.5
      : clamp(middle, shown / (2 * whole * scale), 1 - shown / (2 * whole * scale)));
    return [hold(this.centre[0], wide, this.width), hold(this.centre[1], tall, this.height)];
  }

  // By screen pixels, the image following the pointer.
  panBy(dx, dy) {
    const scale = this.fit() * this.zoom, [u, v] = this.middle();
    this.centre = [u - dx / (scale * this.width), v - dy / (scale * this.height)];
    this.moved();
  }

  moved() {
    const { zoom } = this, centre = this.middle();
    this.model.set("zoom", zoom);  // its listeners read the model again, with the old centre
    this.model.set("centre", centre);
    this.centre = centre;
    this.draw();
    this.model.save_changes();  // at once: the kernel's answer to an earlier change would undo one that waits
  }

  divide(share) {
    this.divider = clamp(share, 0, 1);
    this.set("divider", this.divider);
    this.draw();
  }

  choose(index, title) {
    const pair = [...this.pair];
    if (pair[1 - index] === title) pair[1 - index] = pair[index];
    pair[index] = title;
    this.set("pair", pair);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const arrow = arrows[event.key], onDivider = event.target === this.handle;
    if (onDivider && arrow) this.divide(this.divider + (arrow[0] || -arrow[1]) * (event.shiftKey ? 0.1 : 0.01));
    else if (onDivider && event.key === "Home") this.divide(0);
    else if (onDivider && event.key === "End") this.divide(1);
    else if (arrow) {
      const step = event.shiftKey ? this.fit() * this.zoom : this.box()[0] / 10;
      this.panBy(-arrow[0] * step, -arrow[1] * step);
    } else if (event.key === "+" || event.key === "=") this.zoomBy(1.25);
    else if (event.key === "-") this.zoomBy(1 / 1.25);
    else if (event.key === "0") this.zoomTo(1);
    else if (event.key === "1") this.zoomTo(1 / this.fit());
    else return;
    event.preventDefault();
  }

  // A drag: of the divider where it begins on it, else of the images.
  grab(event) {
    if (event.button !== 0) return;
    const bounds = this.stage.getBoundingClientRect(), onDivider = !this.side && this.handle.contains(event.target);
    let [x, y] = [event.clientX, event.clientY];
    (onDivider ? this.handle : this.stage).focus({ preventScroll: true });
    event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
    this.stage.classList.toggle("kf-panning", !onDivider);
    const move = (now) => {
      if (onDivider) this.divide((now.clientX - bounds.left) / bounds.width);
      else this.panBy(now.clientX - x, now.clientY - y);
      [x, y] = [now.clientX, now.clientY];
    };
    const end = () => {
      this.stage.classList.remove("kf-panning");
      this.stage.removeEventListener("pointermove", move);
      for (const name of ["pointerup", "pointercancel"]) this.stage.removeEventListener(name, end);
    };
    this.stage.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) this.stage.addEventListener(name, end);
  }

  // A page that is being scrolled goes on scrolling when the images come under the pointer; so does one at its end.
  wheel(event) {
    const passing = Date.now() - this.outside < 300, ended = event.deltaY > 0 && this.zoom <= 1;
    if (passing) this.outside = Date.now();
    if (passing || ended) return;
    event.preventDefault();
    const panel = this.panels.find(({ node }) => node.contains(event.target)) ?? this.panels[0];
    const bounds = panel.frame.getBoundingClientRect(), lines = event.deltaMode === 1 ? 30 : 1;
    this.zoomBy(Math.exp(-clamp(event.deltaY * lines, -200, 200) * 0.002), event.clientX - bounds.left, event.clientY - bounds.top);
  }

  scrolled(event) {
    if (!this.stage.contains(event.target)) this.outside = Date.now();
  }
}

function render({ model, el }) {
  const view = new View(model);
  el.append(view.root);
  view.build();
  const rebuild = () => { view.read(); view.build(); }, redraw = () => { view.read(); view.draw(); };
  const tall = () => { view.stage.style.height = `${model.get("height")}px`; redraw(); };
  const events = [["change:_panels", rebuild], ["change:pair", rebuild], ["change:side_by_side", rebuild], ["change:height", tall],
    ["change:zoom", redraw], ["change:centre", redraw], ["change:divider", redraw]];
  events.forEach(([name, action]) => model.on(name, action));
  const resized = new ResizeObserver(() => view.draw()), scrolled = (event) => view.scrolled(event);
  resized.observe(view.stage);
  window.addEventListener("wheel", scrolled, { capture: true, passive: true });
  return () => {
    events.forEach(([name, action]) => model.off(name, action));
    resized.disconnect();
    window.removeEventListener("wheel", scrolled, { capture: true });
    view.panels.forEach((panel) => URL.revokeObjectURL(panel.url));
  };
}

export default { render };
