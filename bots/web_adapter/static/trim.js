// A photo is cropped and turned in the browser; what comes of it is uploaded as another photo.
"use strict";

const trimming = document.querySelector("[data-trimming]");
const view = trimming.querySelector("canvas");
const field = (name) => trimming.querySelector(`[data-${name}]`);
const VIEW_PX = 640;
const QUALITY = 0.95;
const original = new Image();
let turns = 0;

// The photo's sides as it is turned.
const turned = () => {
  const sides = [original.naturalWidth, original.naturalHeight];
  return turns % 2 ? sides.reverse() : sides;
};

// What is kept, in pixels of the turned photo: left, top, width, height.
function frame() {
  const [width, height] = turned();
  const [across, down] = field("shape").value.split(":").map(Number);
  const ratio = down ? across / down : width / height;
  const share = field("size").value / 100;
  const kept = [Math.min(width, height * ratio) * share, Math.min(height, width / ratio) * share];
  const left = ((width - kept[0]) * field("across").value) / 100;
  const top = ((height - kept[1]) * field("down").value) / 100;
  return [left, top, ...kept].map(Math.round);
}

// Draw the turned photo, moved and enlarged, on a canvas.
function drawOn(canvas, scale, left = 0, top = 0) {
  const [width, height] = turned();
  const on = canvas.getContext("2d");
  on.setTransform(scale, 0, 0, scale, -left * scale, -top * scale);
  on.translate(width / 2, height / 2);
  on.rotate((turns * Math.PI) / 2);
  on.drawImage(original, -original.naturalWidth / 2, -original.naturalHeight / 2);
  on.resetTransform();
  return on;
}

function redraw() {
  const [width, height] = turned();
  const scale = Math.min(1, VIEW_PX / Math.max(width, height));
  [view.width, view.height] = [width * scale, height * scale];
  const on = drawOn(view, scale);
  const [x, y, w, h] = frame().map((each) => each * scale);
  on.fillStyle = "rgb(0 0 0 / 60%)";
  on.beginPath();
  on.rect(0, 0, view.width, view.height);
  on.rect(x, y, w, h);
  on.fill("evenodd");
  const said = trimming.querySelector(".said");
  said.textContent = `${frame()[2]} x ${frame()[3]}`;
}

all("[data-trim]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    original.onload = redraw;
    original.src = button.dataset.trim;
    trimming.showModal();
  });
});
trimming.addEventListener("input", redraw);
all("[data-turn]", (button) => {
  button.addEventListener("click", () => {
    turns = (turns + Number(button.dataset.turn) + 4) % 4;
    redraw();
  });
}, trimming);

// The frame follows the pointer.
view.addEventListener("pointermove", (event) => {
  if (!event.buttons) return;
  const box = view.getBoundingClientRect();
  const [width, height] = turned();
  const [, , w, h] = frame();
  const at = (share, side, kept) => (side > kept ? (100 * (share * side - kept / 2)) / (side - kept) : 50);
  field("across").value = at((event.clientX - box.left) / box.width, width, w);
  field("down").value = at((event.clientY - box.top) / box.height, height, h);
  redraw();
});

field("trimmed").addEventListener("click", async () => {
  const [left, top, width, height] = frame();
  const result = document.createElement("canvas");
  [result.width, result.height] = [width, height];
  drawOn(result, 1, left, top);
  const blob = await new Promise((done) => { result.toBlob(done, "image/jpeg", QUALITY); });
  const name = names.get(idIn(location.href)) ?? "photo";
  const file = new File([blob], `${name}.jpg`, { type: "image/jpeg" });
  await send(dropForm(), [file]);
  trimming.close();
});
