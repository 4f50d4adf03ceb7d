// KernelPad: weights painted on a grid by mouse or keys, with their sum and centre of mass, and an image under them.
const SIDE = 264;  // screen pixels of the grid, about
const SEEDED = ["shake", "krk", "motion"];

class Pad {
  constructor(model) {
    this.model = model;
    this.cursor = [0, 0];
    this.root = root("kf-pad", "Kernel to paint");
    this.canvas = make("canvas", { className: "kf-grid", tabIndex: 0, role: "application" });
    this.facts = make("output", { className: "kf-number kf-left", "aria-live": "polite", "aria-label": "sum and centre of mass" });
    this.cell = make("div", { className: "kf-hint", "aria-live": "polite" });
    this.status = make("div", { className: "kf-status", role: "alert" });
    this.hint = make("div", { className: "kf-hint", id: `kf-${Math.random().toString(36).slice(2)}`,
      textContent: "Drag: paint; with shift or the right button: erase. Keys: arrows, space, and with shift to erase. Circle: centre of mass; cross: middle; red: negative." });
    this.canvas.setAttribute("aria-describedby", this.hint.id);
    this.picture = make("img", { className: "kf-degraded", draggable: false });
    this.caption = make("figcaption", { className: "kf-hint" });
    this.figure = make("figure", { className: "kf-figure" }, this.picture, this.caption);
    this.controls();
    this.root.append(this.bar, make("div", { className: "kf-columns" }, make("div", { className: "kf-column" }, this.canvas, this.cell), this.figure),
      this.facts, this.status, this.hint);
    this.listen();
    this.read();
    this.cursor = [Math.floor(this.n / 2), Math.floor(this.n / 2)];
  }

  controls() {
    const button = (text, label, action) => make("button", { type: "button", textContent: text, title: label, "aria-label": label, onclick: action });
    this.zoo = make("select", { "aria-label": "start from a kernel of the zoo", onchange: () => this.start() }, make("option", { value: "", textContent: "start from ..." }),
      ...this.model.get("_zoo").map((name) => make("option", { value: name, textContent: name })));
    this.seed = make("input", { type: "number", min: 0, step: 1, value: 0, className: "kf-seed", "aria-label": "seed", title: "seed: another kernel of this kind", onchange: () => this.start() });
    this.seeded = make("label", { className: "kf-row", hidden: true }, "seed", this.seed);
    this.brush = make("input", { type: "range", min: 0.05, max: 1, step: 0.05, "aria-label": "weight of the brush",
      oninput: () => { this.model.set("brush", Number(this.brush.value)); this.model.save_changes(); } });
    this.weight = make("output", { className: "kf-number" });
    this.bar = make("div", { className: "kf-bar", role: "toolbar", "aria-label": "kernel" }, this.zoo, this.seeded,
      make("label", { className: "kf-row" }, "brush", this.brush, this.weight),
      button("centre", "move the centre of mass to the middle", () => this.model.send({ do: "centre" })),
      button("clear", "set all weights to zero", () => { this.zoo.value = ""; this.seeded.hidden = true; this.model.send({ do: "clear" }); }));
  }

  // A kernel of the zoo, made by Python.
  start() {
    const name = this.zoo.value;
    this.seeded.hidden = !SEEDED.includes(name);
    if (name) this.model.send({ do: "zoo", name, seed: Math.max(0, Math.floor(Number(this.seed.value) || 0)) });
  }

  read() {
    const view = this.model.get("_weights");
    this.n = this.model.get("_grid");
    this.weights = new Float32Array(this.n * this.n);
    for (let i = 0; i < this.weights.length && 4 * i + 4 <= view.byteLength; i++) this.weights[i] = view.getFloat32(4 * i, true);
    this.cursor = this.cursor.map((place) => Math.min(place, this.n - 1));
    this.canvas.setAttribute("aria-label", `kernel, ${this.n} by ${this.n} weights`);
    this.brush.value = this.model.get("brush");
    this.weight.textContent = this.model.get("brush").toFixed(2);
    this.status.textContent = this.model.get("_status");
    this.draw();
  }

  // The degraded image, as Python made it.
  show() {
    const png = this.model.get("_preview");
    URL.revokeObjectURL(this.picture.src);
    this.figure.hidden = !png || png.byteLength === 0;
    if (this.figure.hidden) return;
    this.picture.src = address(png);
    this.picture.alt = this.caption.textContent = this.model.get("_caption");
  }

  save() {
    const bytes = new DataView(new ArrayBuffer(4 * this.weights.length));
    this.weights.forEach((weight, i) => bytes.setFloat32(4 * i, weight, true));
    this.zoo.value = "";
    this.seeded.hidden = true;
    this.model.set("_weights", bytes);
    this.model.save_changes();
  }

  draw() {
    const cell = Math.max(4, Math.floor(SIDE / this.n)), side = cell * this.n, ratio = Math.max(1, window.devicePixelRatio || 1);
    const canvas = this.canvas, pen = canvas.getContext("2d"), most = Math.max(1, ...this.weights);
    [canvas.width, canvas.height] = [side * ratio, side * ratio];
    [canvas.style.width, canvas.style.height] = [`${side}px`, `${side}px`];
    pen.scale(ratio, ratio);
    this.weights.forEach((weight, i) => {
      const level = Math.round(255 * Math.min(1, Math.abs(weight) / most));
      pen.fillStyle = weight < 0 && level ? `rgb(${Math.min(255, level + 60)} 0 0)` : `rgb(${level} ${level} ${level})`;
      pen.fillRect(i % this.n * cell, Math.floor(i / this.n) * cell, cell, cell);
    });
    pen.strokeStyle = "rgb(128 128 128 / 35%)";
    pen.lineWidth = 1;
    pen.beginPath();
    for (let i = 1; i < this.n; i++) {
      pen.moveTo(i * cell, 0); pen.lineTo(i * cell, side);
      pen.moveTo(0, i * cell); pen.lineTo(side, i * cell);
    }
    pen.stroke();
    this.marks(pen, cell, side);
    this.report();
  }

  // The middle, the centre of mass, and the cell that the keys are at.
  marks(pen, cell, side) {
    const outlined = (shape, colour) => {
      pen.beginPath(); shape();
      pen.lineWidth = 4; pen.strokeStyle = "rgb(0 0 0 / 80%)"; pen.stroke();
      pen.lineWidth = 2; pen.strokeStyle = colour; pen.stroke();
    };
    const half = side / 2, mass = this.mass();
    outlined(() => { pen.moveTo(half - 6, half); pen.lineTo(half + 6, half); pen.moveTo(half, half - 6); pen.lineTo(half, half + 6); }, "#56b4e9");
    if (mass) outlined(() => pen.arc((mass[1] + 0.5) * cell, (mass[0] + 0.5) * cell, 8, 0, 2 * Math.PI), "#e69f00");
    if (document.activeElement === this.canvas) outlined(() => pen.rect(this.cursor[1] * cell + 1, this.cursor[0] * cell + 1, cell - 2, cell - 2), "#fff");
  }

  sum() {
    return this.weights.reduce((a, b) => a + b, 0);
  }

  // [row, column], or null where the sum is not positive.
  mass() {
    const sum = this.sum();
    if (sum <= 1e-6) return null;
    const along = (place) => this.weights.reduce((a, weight, i) => a + weight * place(i), 0) / sum;
    return [along((i) => Math.floor(i / this.n)), along((i) => i % this.n)];
  }

  report() {
    const mass = this.mass(), middle = ((this.n - 1) / 2).toFixed(1);
    this.facts.textContent = mass ? `sum ${this.sum().toFixed(2)} · centre of mass (${mass.map((m) => m.toFixed(2)).join(", ")}), middle (${middle}, ${middle})`
      : "sum 0 · nothing is painted yet";
  }

  tell([row, column]) {
    this.cell.textContent = `row ${row}, column ${column}: ${this.weights[row * this.n + column].toFixed(2)}`;
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect(), place = (p, start, size) => clamp(Math.floor((p - start) / size * this.n), 0, this.n - 1);
    return [place(event.clientY, box.top, box.height), place(event.clientX, box.left, box.width)];
  }

  // All cells on the straight way from one to the other.
  stroke(from, to, erase) {
    const steps = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]), 1);
    for (let i = 0; i <= steps; i++) {
      const [row, column] = [0, 1].map((axis) => Math.round(from[axis] + (to[axis] - from[axis]) * i / steps));
      this.weights[row * this.n + column] = erase ? 0 : this.model.get("brush");
    }
    this.cursor = to;
    this.tell(to);
    this.draw();
    this.save();
  }

  listen() {
    this.canvas.addEventListener("pointerdown", (event) => this.paint(event));
    this.canvas.addEventListener("contextmenu", (event) => { event.preventDefault(); event.stopPropagation(); });
    this.canvas.addEventListener("pointermove", (event) => this.tell(this.at(event)));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    for (const name of ["focus", "blur"]) this.canvas.addEventListener(name, () => this.draw());
  }

  paint(event) {
    if (event.button !== 0 && event.button !== 2) return;
    const erase = event.button === 2 || event.shiftKey;
    let last = this.at(event);
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.stroke(last, last, erase);
    const move = (now) => {
      const next = this.at(now);
      if (next[0] === last[0] && next[1] === last[1]) return;
      this.stroke(last, next, erase);
      last = next;
    };
    const end = () => {
      this.canvas.removeEventListener("pointermove", move);
      for (const name of ["pointerup", "pointercancel"]) this.canvas.removeEventListener(name, end);
    };
    this.canvas.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) this.canvas.addEventListener(name, end);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrows = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }, arrow = arrows[event.key];
    if (arrow) {
      this.cursor = this.cursor.map((place, axis) => clamp(place + arrow[axis], 0, this.n - 1));
      this.tell(this.cursor);
      this.draw();
    } else if (event.key === " ") this.stroke(this.cursor, this.cursor, event.shiftKey);
    else if (event.key === "Delete" || event.key === "Backspace") this.stroke(this.cursor, this.cursor, true);
    else return;
    event.preventDefault();
  }
}

function render({ model, el }) {
  const pad = new Pad(model), read = () => pad.read(), show = () => pad.show();
  el.append(pad.root);
  pad.show();
  const events = [["change:_weights", read], ["change:_grid", read], ["change:brush", read], ["change:_status", read], ["change:_preview", show], ["change:_caption", show]];
  events.forEach(([name, action]) => model.on(name, action));
  return () => {
    events.forEach(([name, action]) => model.off(name, action));
    URL.revokeObjectURL(pad.picture.src);
  };
}

export default { render };
