// Enhances the studio; without it everything but dropping and pasting works.
"use strict";

const all = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

// File names stay in the browser: they name what is saved.
const NAMES = "names";
const NAMES_KEPT = 200;
const names = new Map(JSON.parse(localStorage.getItem(NAMES) ?? "[]"));

function keepName(id, file) {
  const name = file.name.replace(/\.[^.]*$/, "");
  names.delete(id);
  if (name) names.set(id, name);
  localStorage.setItem(NAMES, JSON.stringify([...names].slice(-NAMES_KEPT)));
}

const idIn = (address) => new URL(address).pathname.match(/^\/photos\/(\w+)$/)?.[1];

// Photos that are dropped, pasted, chosen or taken are uploaded at once, each by itself: one that
// cannot be read costs the others nothing.
async function send(form, files) {
  const said = form.querySelector(".said");
  const input = form.querySelector("input[type=file]");
  const chosen = [...files].slice(0, Number(form.dataset.files));
  if (!chosen.length) return;
  if ("named" in form.dataset) {
    const one = new DataTransfer();
    one.items.add(chosen[0]);
    input.files = one.files;
    form.querySelector("[data-chosen]").textContent = chosen[0].name;
    form.querySelector("[name=name]").focus();
    return;
  }
  form.classList.add("busy");
  const pages = new Map();
  let failed = "";
  for (const [number, file] of chosen.entries()) {
    said.textContent = chosen.length === 1
      ? form.dataset.working
      : form.dataset.workingOn.replace("##", chosen.length).replace("#", number + 1);
    try {
      const address = await upload(form, file);
      keepName(idIn(address), file);
      pages.set(idIn(address), address);
    } catch (refused) {
      failed = refused.message;
    }
  }
  if (pages.size) {
    const [[, address], ...others] = pages;
    const next = new URL(address);
    others.forEach(([id]) => next.searchParams.append("also", id));
    if (pages.size < files.length) next.searchParams.set("left", files.length - pages.size);
    location.assign(next);
  } else {
    form.classList.remove("busy");
    said.textContent = failed;
    form.reset();
  }
}

async function upload(form, file) {
  if (file.size > Number(form.dataset.most)) throw new Error(form.dataset.tooLarge);
  const fields = new FormData();
  fields.set("csrf", form.elements.csrf.value);
  fields.set("photo", file);
  const response = await fetch(form.action, { method: "POST", body: fields }).catch(() => null);
  if (response?.ok) return response.url;
  const page = new DOMParser().parseFromString(await response?.text() ?? "", "text/html");
  throw new Error(page.querySelector("[role=alert]")?.textContent ?? form.dataset.failed);
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-drop]");
  if (form && event.target.type === "file") send(form, event.target.files);
});

// Parts of a page may be replaced, so the form is looked for when it is needed.
const dropForm = () => document.querySelector("[data-drop]");
if (dropForm()) {
  let depth = 0;
  const over = (on) => dropForm()?.classList.toggle("over", on);
  document.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth += 1;
    over(true);
  });
  document.addEventListener("dragleave", () => {
    depth -= 1;
    over(depth > 0);
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    over(false);
    if (dropForm()) send(dropForm(), event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    if (dropForm()) send(dropForm(), event.clipboardData.files);
  });
}

// Before and after: the slider sets how much of the painting the photo covers.
function compare(box) {
  const range = box.querySelector("input");
  const show = () => {
    box.style.setProperty("--at", `${range.value}%`);
    box.classList.toggle("whole", range.value === "0");
  };
  range.addEventListener("input", show);
  show();
}

function output(range) {
  const shown = document.querySelector(`output[for="${range.id}"]`);
  range.addEventListener("input", () => {
    shown.textContent = range.value;
  });
}

// With a second style the blend's share is enabled, and filters are disabled.
function blend(select) {
  const show = () => {
    select.form.classList.toggle("blends", select.value !== "");
    all(".tile[data-alone]", (tile) => {
      tile.disabled = select.value !== "";
    });
  };
  select.addEventListener("change", show);
  show();
}

// A mask is painted over the photo, with a pointer or the keyboard, and becomes the field's file.
const GREY_PX = 64;
// A colour that few photos have.
const MASK_COLOUR = "#ff2ea6";

function paintMask(field) {
  const brush = field.querySelector("[data-brush]");
  const photo = brush.querySelector("img");
  const canvas = brush.querySelector("canvas");
  const ring = brush.querySelector(".ring");
  const size = brush.querySelector("[data-size]");
  const said = brush.querySelector("[data-covered]");
  const file = field.querySelector("input[type=file]");
  const undo = brush.querySelector("[data-undo-stroke]");
  const clear = brush.querySelector("[data-clear]");
  const tools = [...brush.querySelectorAll("[data-tool]")];
  const context = canvas.getContext("2d");
  // Points are shares of the canvas's sides; a stroke without points clears it.
  let strokes = [];
  let stroke = null;
  let at = [0.5, 0.5];

  const scaled = ([x, y]) => [x * canvas.width, y * canvas.height];
  function draw({ points, erases, share }) {
    if (!points) {
      context.clearRect(0, 0, canvas.width, canvas.height);
      return;
    }
    const width = share * canvas.width;
    context.globalCompositeOperation = erases ? "destination-out" : "source-over";
    context.fillStyle = context.strokeStyle = MASK_COLOUR;
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = width;
    context.beginPath();
    context.arc(...scaled(points[0]), width / 2, 0, 2 * Math.PI);
    context.fill();
    context.beginPath();
    points.forEach((point) => context.lineTo(...scaled(point)));
    context.stroke();
  }

  function redraw() {
    context.clearRect(0, 0, canvas.width, canvas.height);
    strokes.forEach(draw);
  }

  // White where it is painted, black elsewhere, at the photo's proportions.
  function sheet(width, height) {
    const found = document.createElement("canvas");
    [found.width, found.height] = [width, height];
    const on = found.getContext("2d");
    on.drawImage(canvas, 0, 0, width, height);
    [["source-in", "#fff"], ["destination-over", "#000"]].forEach(([how, colour]) => {
      on.globalCompositeOperation = how;
      on.fillStyle = colour;
      on.fillRect(0, 0, width, height);
    });
    return found;
  }

  function covered() {
    const { data } = sheet(GREY_PX, GREY_PX).getContext("2d").getImageData(0, 0, GREY_PX, GREY_PX);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum += data[i];
    return sum / (255 * GREY_PX * GREY_PX);
  }

  function changed() {
    const share = covered();
    if (share > 0) {
      const text = atob(sheet(canvas.width, canvas.height).toDataURL("image/png").split(",")[1]);
      const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
      const one = new DataTransfer();
      one.items.add(new File([bytes], "mask.png", { type: "image/png" }));
      file.files = one.files;
    } else {
      file.value = "";
    }
    const percent = share > 0 ? Math.max(1, Math.round(100 * share)) : 0;
    said.textContent = said.dataset.covered.replace("#", percent);
    undo.disabled = !strokes.length;
    clear.disabled = !share;
  }

  function moveRing() {
    ring.style.left = `${100 * at[0]}%`;
    ring.style.top = `${100 * at[1]}%`;
    ring.style.width = `${size.value}%`;
  }

  function begin() {
    const erases = tools.some((tool) => tool.dataset.tool === "eraser" && tool.ariaPressed === "true");
    stroke = { points: [at], erases, share: size.value / 100 };
    strokes.push(stroke);
    draw(stroke);
  }

  function extend() {
    stroke.points.push(at);
    draw({ ...stroke, points: stroke.points.slice(-2) });
  }

  function end() {
    if (!stroke) return;
    stroke = null;
    changed();
  }

  function takeBack() {
    strokes.pop();
    redraw();
    changed();
  }

  function follow(event) {
    const box = canvas.getBoundingClientRect();
    at = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    moveRing();
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    follow(event);
    begin();
  });
  canvas.addEventListener("pointermove", (event) => {
    follow(event);
    if (stroke) extend();
  });
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);

  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    const way = ways[event.key];
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      if (strokes.length) takeBack();
    } else if (event.key === " ") {
      begin();
      end();
    } else if (way) {
      // By half the brush, in pixels the same both ways.
      const step = size.value / 200;
      const before = at;
      const within = (place) => Math.min(1, Math.max(0, place));
      at = [
        within(at[0] + way[0] * step),
        within(at[1] + (way[1] * step * canvas.width) / canvas.height),
      ];
      moveRing();
      if (event.shiftKey) {
        const there = at;
        at = before;
        begin();
        at = there;
        extend();
        end();
      }
    } else {
      return;
    }
    event.preventDefault();
  });

  tools.forEach((tool) => {
    tool.addEventListener("click", () => {
      tools.forEach((each) => {
        each.ariaPressed = String(each === tool);
      });
    });
  });
  undo.addEventListener("click", takeBack);
  clear.addEventListener("click", () => {
    strokes.push({});
    redraw();
    changed();
  });
  size.addEventListener("input", moveRing);
  // A file that is chosen takes the place of what is painted.
  file.addEventListener("change", () => {
    strokes = [];
    redraw();
    said.textContent = "";
    undo.disabled = clear.disabled = true;
  });

  function ready() {
    [canvas.width, canvas.height] = [photo.naturalWidth, photo.naturalHeight];
    redraw();
    moveRing();
    brush.hidden = false;
  }
  if (photo.complete && photo.naturalWidth) ready();
  else photo.addEventListener("load", ready);
}

// Previews replace the photo, at its size.
function grow(img, number) {
  const src = `${img.dataset.preview}?number=${number}`;
  if (img.getAttribute("src") === src) return;
  if (!img.classList.contains("growing")) img.width = img.clientWidth;
  img.classList.add("growing");
  img.src = src;
}

// While a request waits, its page shows its place, and then the picture.
let events = null;
let whenEnded = () => location.reload();

function follow(standing) {
  const source = new EventSource(standing.dataset.events);
  events = source;
  source.onmessage = (event) => {
    const news = JSON.parse(event.data);
    if (news.ended) {
      source.close();
      whenEnded();
      return;
    }
    standing.textContent = news.words;
    if (news.share !== undefined) {
      all(".progress", (bar) => {
        bar.hidden = false;
        bar.value = news.share;
      });
    }
    if (news.preview !== undefined) all("[data-preview]", (img) => grow(img, news.preview));
  };
}

function tile(img) {
  const shown = () => img.classList.add("there");
  if (img.complete && img.naturalWidth) shown();
  img.addEventListener("load", shown);
  img.addEventListener("error", () => img.classList.add("missing"));
}

// The server does not know the user's time zone.
function local(time) {
  const when = new Date(time.dateTime);
  time.textContent = when.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
}

// What is saved is named after its photo and style.
function named(link) {
  const name = names.get(link.dataset.saved);
  if (!name) return;
  const address = new URL(link.href);
  address.searchParams.set("save", `${name}-${address.searchParams.get("save")}`);
  link.href = address;
}

function zip(link) {
  const photos = document.querySelector("[data-photos]")?.dataset.photos.split(" ") ?? [];
  const address = new URL(link.href);
  photos.forEach((id, at) => address.searchParams.append("name", names.get(id) ?? `${at + 1}`));
  link.href = address;
}

// Only what the browser can do is offered.
function copy(button) {
  button.hidden = !navigator.clipboard?.write || !window.ClipboardItem;
  button.addEventListener("click", async () => {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": asPng(button.dataset.copy) })]);
    toast(button.dataset.done);
  });
}

async function asPng(address) {
  const picture = await createImageBitmap(await (await fetch(address)).blob());
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height];
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
}

function share(button) {
  const probe = new File([], "a.jpg", { type: "image/jpeg" });
  button.hidden = !navigator.canShare?.({ files: [probe] });
  button.addEventListener("click", async () => {
    const blob = await (await fetch(button.dataset.share)).blob();
    const file = new File([blob], `${document.title}.jpg`, { type: blob.type });
    // Closing the sheet is no error.
    await navigator.share({ files: [file] }).catch(() => {});
  });
}

// A line at the bottom, with a way back as long as there is one.
const UNDO_MS = 7000;
const toasted = document.querySelector("[data-toast]");
const takeBack = toasted.querySelector("[data-take-back]");
let fading = 0;

function toast(words, undoing) {
  toasted.querySelector("span").textContent = words;
  toasted.hidden = false;
  takeBack.hidden = !undoing;
  takeBack.onclick = undoing;
  clearTimeout(fading);
  fading = setTimeout(() => { toasted.hidden = true; }, UNDO_MS);
}

// Deleting waits until it can no longer be undone: a while, or until the page is left.
let deletion = null;

async function carryOut(leaving) {
  if (!deletion) return;
  const { form, page } = deletion;
  deletion = null;
  toasted.hidden = true;
  if (page && !leaving) form.submit();
  else await fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true });
}

function undoable(form) {
  const item = form.closest("li");
  const part = item ?? document.querySelector("main");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    carryOut(true);
    const timer = setTimeout(() => carryOut(false), UNDO_MS);
    deletion = { form, page: !item };
    if (item) item.hidden = true;
    else part.classList.add("deleted");
    toast(form.dataset.undo, () => {
      clearTimeout(timer);
      deletion = null;
      part.hidden = false;
      part.classList.remove("deleted");
      toasted.hidden = true;
      form.querySelector("button").focus();
    });
    takeBack.focus();
  });
}

addEventListener("pagehide", () => carryOut(true));
// The next page must not show what is deleted.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]:not([download])");
  if (!deletion || !link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  await carryOut(true);
  location.assign(link.href);
});

const parts = {
  "[data-compare]": compare,
  "[data-output]": output,
  "[data-blend]": blend,
  "[data-mask]": paintMask,
  "[data-events]": follow,
  "[data-saved]": named,
  "[data-zip]": zip,
  "[data-copy]": copy,
  "[data-share]": share,
  "[data-undo]": undoable,
  ".tile-picture img": tile,
  time: local,
};

function enhance(root) {
  Object.entries(parts).forEach(([selector, act]) => all(selector, act, root));
}

// What other apps share is in the worker's cache, and is sent as if it were dropped.
async function takeShared() {
  const shared = await caches.open("shared");
  const files = await Promise.all((await shared.keys()).map(async (key) => {
    const kept = await shared.match(key);
    return new File([await kept.blob()], decodeURIComponent(kept.headers.get("X-Name")));
  }));
  await caches.delete("shared");
  if (dropForm()) send(dropForm(), files);
}

if (location.search === "?shared" && window.caches) takeShared();
if (matchMedia("(display-mode: standalone)").matches) navigator.serviceWorker?.register("/worker.js");
addEventListener("appinstalled", () => navigator.serviceWorker?.register("/worker.js"));

const keySheet = document.querySelector("[data-key-sheet]");
const typing = (on) => on?.matches?.("input, select, textarea, canvas, video, summary, [role=application]");
all("[data-keys]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => keySheet.showModal());
});
document.addEventListener("keydown", (event) => {
  if (event.key === "?" && !typing(document.activeElement)) keySheet.showModal();
});

enhance(document);

// The theme changes without a request; the server reads it from the cookie next time.
const theme = document.getElementById("theme");
theme.addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = event.submitter.value;
  document.cookie = `theme=${chosen}; path=/; max-age=31536000; samesite=lax`;
  document.documentElement.dataset.theme = chosen;
  const shown = [...theme.querySelectorAll("button")].find((each) => each.offsetParent !== null);
  if (shown) shown.focus();
});
