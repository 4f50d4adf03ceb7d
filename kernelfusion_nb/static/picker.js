// PixelPicker: an image on which a pixel is chosen by pointer or arrow keys; its patch and the marks of Python are drawn over it.
const SHOWN = 256;  // screen pixels of the longer side, about
const SVG = "http://www.w3.org/2000/svg";

class Picker {
  constructor(model) {
    this.model = model;
    this.root = root("kf-picker", "Image with a pixel to choose");
    this.picture = make("img", { draggable: false, alt: "" });
    this.over = document.createElementNS(SVG, "svg");
    this.over.setAttribute("aria-hidden", "true");
    this.hint = make("div", { className: "kf-hint", id: `kf-${Math.random().toString(36).slice(2)}`, textContent: "Click or drag; keys: arrows, with shift 8 px." });
    this.stage = make("div", { className: "kf-pick", tabIndex: 0, role: "application", "aria-describedby": this.hint.id }, this.picture, this.over);
    this.place = make("output", { className: "kf-number kf-left", "aria-live": "polite", "aria-label": "chosen pixel" });
    this.root.append(this.stage, this.place, this.hint);
    this.stage.addEventListener("pointerdown", (event) => this.press(event));
    this.stage.addEventListener("keydown", (event) => this.key(event));
    this.show();
  }

  // The image, and its size on the screen.
  show() {
    [this.height, this.width] = this.model.get("_size");
    const enlarged = SHOWN / Math.max(this.height, this.width);
    URL.revokeObjectURL(this.picture.src);
    this.picture.src = address(this.model.get("png"));
    this.stage.style.width = `${Math.round(this.width * enlarged)}px`;
    this.stage.style.aspectRatio = `${this.width} / ${this.height}`;
    this.stage.setAttribute("aria-label", `image, ${this.width} by ${this.height} pixels: arrow keys choose a pixel`);
    this.over.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.unit = 1 / enlarged;  // image pixels for one of the screen
    this.draw();
  }

  draw() {
    const [row, column] = this.model.get("pixel"), side = this.model.get("patch"), half = Math.floor(side / 2), reach = side / 2 + 9 * this.unit;
    const [y, x] = [row + 0.5, column + 0.5];
    this.over.replaceChildren();
    for (const [top, left, size, colour, label] of this.model.get("marks")) {
      this.add("rect", { x: left, y: top, width: size, height: size }, colour);
      if (label) this.write(label, left + 2 * this.unit, top + 12 * this.unit, colour);
    }
    this.add("rect", { x: column - half, y: row - half, width: side, height: side }, "#fff");
    this.add("path", { d: `M${x - reach} ${y}H${x - side / 2}M${x + side / 2} ${y}H${x + reach}M${x} ${y - reach}V${y - side / 2}M${x} ${y + side / 2}V${y + reach}` }, "#fff");
    this.place.textContent = `row ${row}, column ${column}`;
  }

  // A shape, dark below and coloured above, so that it is seen on any image.
  add(kind, properties, colour) {
    for (const [stroke, width] of [["rgb(0 0 0 / 75%)", 4], [colour, 2]]) {
      const node = document.createElementNS(SVG, kind);
      for (const [name, value] of Object.entries({ ...properties, fill: "none", stroke, "stroke-width": width, "vector-effect": "non-scaling-stroke" })) node.setAttribute(name, value);
      this.over.append(node);
    }
  }

  write(text, x, y, fill) {
    const node = document.createElementNS(SVG, "text");
    const properties = { x, y, fill, stroke: "rgb(0 0 0 / 75%)", "stroke-width": 3 * this.unit, "paint-order": "stroke", "font-size": 12 * this.unit, "font-weight": "bold" };
    for (const [name, value] of Object.entries(properties)) node.setAttribute(name, value);
    node.textContent = text;
    this.over.append(node);
  }

  // The pixel nearest to (row, column) whose patch lies inside the image.
  choose(row, column) {
    const half = Math.floor(this.model.get("patch") / 2), inside = (at, size) => clamp(Math.round(at), half, size - 1 - half);
    const next = [inside(row, this.height), inside(column, this.width)], now = this.model.get("pixel");
    if (next[0] === now[0] && next[1] === now[1]) return;
    this.model.set("pixel", next);
    this.draw();
    this.model.save_changes();
  }

  at(event) {
    const box = this.over.getBoundingClientRect();
    this.choose(Math.floor((event.clientY - box.top) / box.height * this.height), Math.floor((event.clientX - box.left) / box.width * this.width));
  }

  press(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.stage.focus({ preventScroll: true });
    this.stage.setPointerCapture(event.pointerId);
    const move = (now) => this.at(now);
    const end = () => {
      this.stage.removeEventListener("pointermove", move);
      for (const name of ["pointerup", "pointercancel"]) this.stage.removeEventListener(name, end);
    };
    this.at(event);
    this.stage.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) this.stage.addEventListener(name, end);
  }

  key(event) {
    const arrow = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!arrow || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const [row, column] = this.model.get("pixel"), step = event.shiftKey ? 8 : 1;
    this.choose(row + step * arrow[0], column + step * arrow[1]);
  }
}

function render({ model, el }) {
  const picker = new Picker(model), draw = () => picker.draw(), show = () => picker.show();
  el.append(picker.root);
  const events = [["change:pixel", draw], ["change:marks", draw], ["change:patch", draw], ["change:png", show]];
  events.forEach(([name, action]) => model.on(name, action));
  return () => {
    events.forEach(([name, action]) => model.off(name, action));
    URL.revokeObjectURL(picker.picture.src);
  };
}

export default { render };
