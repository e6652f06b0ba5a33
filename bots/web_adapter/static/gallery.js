// A photo's page: choosing a style replaces the picture and the panel, the gallery stays.
"use strict";

const studio = document.querySelector("[data-studio]");
const gallery = studio.querySelector(".gallery");
const groups = gallery.querySelector(".groups");
const tiles = () => [...gallery.querySelectorAll("li:not([hidden]) > .tile:not(:disabled)")];
const current = () => gallery.querySelector(".tile[aria-current]");
const picked = (name) => studio.querySelector(name);

// ---- Pages in place ----

// Counts choices: an answer that comes after the next choice is not shown.
let turn = 0;
// Whether a control is being moved, and the timer of painting what it was moved to.
let sliding = false;
let trying = 0;
// How much of the photo the slider shows.
let shownShare = 0;
// What was chosen last, and addresses of finished pictures by what was chosen for them: going back
// to one paints nothing.
let chosen = "";
const finished = new Map();

const keyOf = (fields) =>
  JSON.stringify([...fields].filter(([name]) => name !== "csrf" && name !== "once").map(
    ([name, value]) => [name, value instanceof File ? [value.name, value.size] : value],
  ));

function say(sentence) {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.setAttribute("role", "alert");
  notice.textContent = sentence;
  picked(".stage").append(notice);
}

// The photo gives pictures of it their place on the screen before they are there.
const photo = new Image();
photo.src = groups.dataset.photo;

function place(img) {
  const [width, height] = [photo.naturalWidth, photo.naturalHeight];
  img.style.aspectRatio = `${width} / ${height}`;
  img.style.width = `min(${width}px, 100%, calc(var(--easel) * ${width / height}))`;
}

// What a tile shows stands for the painting until that is there.
function foreshow(stage) {
  const thumbnail = current()?.querySelector("img");
  const img = stage.querySelector("[data-preview], [data-compare] > img, .framed > img");
  // Of several photos there are no tiles.
  if (!img || stage.querySelector("[data-album]") || !thumbnail?.naturalWidth || !photo.naturalWidth) return;
  if (img.getAttribute("src").includes("/preview?")) return;
  place(img);
  img.classList.add("growing");
  img.setAttribute("src", thumbnail.getAttribute("src"));
}

async function loaded(root) {
  const pictures = [...root.querySelectorAll(".stage img")].map((img) => {
    const ahead = new Image();
    ahead.src = img.getAttribute("src");
    return ahead.decode();
  });
  await Promise.allSettled(pictures);
}

function mark(id) {
  all(".tile", (tile) => {
    if (id && tile.closest("li").dataset.style === id) tile.setAttribute("aria-current", "true");
    else tile.removeAttribute("aria-current");
  }, gallery);
  rove();
}

async function show(page, address, how) {
  const next = page.querySelector("[data-studio]");
  if (!next || !next.querySelector(".gallery")) {
    location.assign(address);
    return;
  }
  const waits = next.querySelector("[data-events]");
  const mine = turn;
  if (!waits) await loaded(next);
  if (mine !== turn) return;
  events?.close();
  if (next.querySelector("[data-compare], .pair, .album")) finished.set(chosen, address);
  else finished.delete(chosen);
  shownShare = picked("[data-compare] input")?.value ?? shownShare;
  const focused = document.activeElement?.id;
  mark(next.querySelector(".tile[aria-current]")?.closest("li").dataset.style);
  if (waits) foreshow(next.querySelector(".stage"));
  // A control that is being moved stays; what it is moved to is painted next.
  const swapped = trying || sliding ? [".stage"] : [".stage", ".panel"];
  swapped.forEach((part) => picked(part).replaceWith(next.querySelector(part)));
  studio.classList.toggle("chosen", next.classList.contains("chosen"));
  document.title = page.title;
  if (how === "push") history.pushState(null, "", address);
  else if (how === "replace") history.replaceState(null, "", address);
  const range = picked("[data-compare] input");
  if (range) range.value = shownShare;
  looks();
  swapped.forEach((part) => enhance(picked(part)));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  gallery.querySelector("[data-news]").textContent = waits ? "" : document.title;
}

async function visit(address, how, sent) {
  turn += 1;
  const mine = turn;
  let failed = studio.dataset.failed;
  try {
    const response = await fetch(address, sent ? { method: "POST", body: sent } : {});
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (mine !== turn) return;
    if (response.ok) {
      await show(page, response.url, how);
      return;
    }
    failed = page.querySelector("[role=alert]")?.textContent ?? failed;
  } catch {
    // The server is away.
  }
  if (mine !== turn) return;
  if (sent) await visit(location.href, "");
  say(failed);
}

whenEnded = () => visit(location.href, "replace");

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.id !== "paint") return;
  event.preventDefault();
  const fields = new FormData(form, event.submitter);
  const tile = event.submitter?.closest(".tile");
  // What still waits is not wanted any more.
  const cancel = picked("form[action$='/cancel']");
  if (cancel) fetch(cancel.action, { method: "POST", body: new FormData(cancel) });
  events?.close();
  // What is deleted cannot be brought back from another picture's page.
  carryOut(true);
  document.querySelector("main").classList.remove("deleted");
  untried();
  chosen = keyOf(fields);
  if (tile) {
    mark(tile.closest("li").dataset.style);
    studio.classList.add("chosen");
    if (!picked("[data-album]")) picked(".stage").classList.remove("small");
    spreads(false);
    foreshow(picked(".stage"));
    centre(tile);
    if (picked(".stage").getBoundingClientRect().top < 0) studio.scrollIntoView();
  }
  const known = finished.get(chosen);
  const how = tile ? "push" : "replace";
  if (stepping && !known) {
    // Not every style that is passed on the way is painted.
    turn += 1;
    const mine = turn;
    await new Promise((done) => { setTimeout(done, STEP_MS); });
    if (mine !== turn) return;
  }
  if (known) await visit(known, how);
  else await visit(form.action, how, fields);
});

addEventListener("popstate", () => visit(location.href, ""));

// ---- Previous, next, surprise ----

const STEP_MS = 250;
let stepping = false;

function choose(tile) {
  if (!tile) return;
  tile.focus({ preventScroll: true });
  tile.click();
}

// The strip is moved, the page is not.
function centre(tile) {
  if (!tile) return;
  const [strip, box] = [groups.getBoundingClientRect(), tile.getBoundingClientRect()];
  groups.scrollBy({ left: box.left + box.width / 2 - strip.left - strip.width / 2 });
}

function step(by) {
  const shown = tiles();
  const at = shown.indexOf(current());
  stepping = true;
  choose(at < 0 ? shown.at(by > 0 ? 0 : -1) : shown.at((at + by) % shown.length));
  stepping = false;
}

all("[data-step]", (button) => {
  button.addEventListener("click", () => step(Number(button.dataset.step)));
}, gallery);

all("[data-surprise]", (button) => {
  button.addEventListener("click", () => {
    const others = tiles().filter((tile) => tile !== current() && tile.matches("button"));
    choose(others[Math.floor(Math.random() * others.length)]);
  });
}, gallery);

// The gallery is one stop of the Tab key; arrows move within it.
function rove() {
  const shown = tiles();
  const stop = shown.includes(document.activeElement) ? document.activeElement : current() ?? shown[0];
  all(".tile", (tile) => { tile.tabIndex = tile === stop ? 0 : -1; }, gallery);
}


function move(from, key) {
  const shown = tiles();
  const at = shown.indexOf(from);
  const row = shown.filter((tile) => tile.offsetTop === from.offsetTop).length;
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - row, ArrowDown: at + row, Home: 0, End: shown.length - 1 }[key];
  if (to === undefined || !shown[to]) return false;
  shown[to].focus();
  shown[to].scrollIntoView({ block: "nearest" });
  rove();
  return true;
}

document.addEventListener("keydown", (event) => {
  const on = document.activeElement;
  const elsewhere = document.querySelector("dialog[open]");
  if (event.ctrlKey || event.metaKey || event.altKey || typing(on) || elsewhere) return;
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const pressed = {
    f: () => current()?.closest("li").querySelector("[data-star]"),
    r: () => gallery.querySelector("[data-surprise]"),
    s: () => picked(".panel a.primary[download]"),
    z: () => picked("[data-zoom]"),
  }[event.key]?.();
  if (pressed) pressed.click();
  else if (event.key === "/") search.focus();
  else if (by && studio.classList.contains("chosen")) step(by);
  else if (!on?.matches?.(".gallery .tile") || !move(on, event.key)) return;
  event.preventDefault();
});

// A finger swipes over the picture. What is held shows the photo.
const SWIPE_PX = 50;
const HOLD_MS = 180;
let touch = null;
let holding = 0;

function hold(on) {
  clearTimeout(holding);
  picked("[data-compare]")?.classList.toggle("held", on);
}

studio.addEventListener("touchstart", (event) => {
  const one = event.touches.length === 1 && event.target.closest(".easel");
  touch = one ? [event.touches[0].clientX, event.touches[0].clientY] : null;
}, { passive: true });
studio.addEventListener("touchend", (event) => {
  if (!touch || event.target.matches("input")) return;
  const [x, y] = [event.changedTouches[0].clientX - touch[0], event.changedTouches[0].clientY - touch[1]];
  touch = null;
  if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) step(x < 0 ? 1 : -1);
});
studio.addEventListener("pointerdown", (event) => {
  if (event.button || !event.target.closest("[data-compare] img, [data-hold]")) return;
  holding = setTimeout(hold, event.target.closest("[data-hold]") ? 0 : HOLD_MS, true);
});
["pointerup", "pointercancel", "dragstart", "blur"].forEach((kind) => addEventListener(kind, () => hold(false)));
// The finger's long press would open the picture's menu instead.
studio.addEventListener("contextmenu", (event) => {
  if (picked(".held") && event.pointerType === "touch") event.preventDefault();
});
const COMPARES = (event) => event.key === "c" || (event.key === " " && document.activeElement.matches("[data-hold]"));
document.addEventListener("keydown", (event) => {
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !typing(document.activeElement);
  if (!plain || !COMPARES(event) || !picked("[data-compare]")) return;
  event.preventDefault();
  hold(true);
});
document.addEventListener("keyup", (event) => { if (COMPARES(event)) hold(false); });

// ---- Controls that answer ----

const TRY_MS = 500;

// How a slider will look, from what is there: less of the painting, or another style's tile.
function mix(range) {
  const layer = picked("[data-mix]");
  if (!layer) return;
  const other = picked("#with")?.value;
  const share = range.value / 100;
  if (range.id === "share" && other) {
    const thumbnail = gallery.querySelector(`[data-style="${other}"] img`);
    if (!thumbnail?.naturalWidth) return;
    layer.src = thumbnail.src;
    layer.style.opacity = share;
  } else if ("fades" in range.dataset) {
    layer.src = photo.src;
    layer.style.opacity = 1 - share / Math.max(share, range.defaultValue / 100 || 1);
  } else return;
  layer.hidden = false;
}

// Painted properly a moment after it is let go.
function tryOut() {
  untried();
  trying = setTimeout(() => {
    untried();
    const form = picked("#paint");
    const again = form?.querySelector("button[name=style]");
    const begun = picked("[data-compare], [data-events], .album");
    if (again && begun && form.checkValidity()) form.requestSubmit(again);
  }, TRY_MS);
}

function untried() {
  clearTimeout(trying);
  trying = 0;
}

studio.addEventListener("pointerdown", (event) => {
  sliding = event.target.matches("#paint input[type=range]");
});
addEventListener("pointerup", () => { sliding = false; });
studio.addEventListener("input", (event) => {
  if (!event.target.matches("#paint input[type=range]")) return;
  untried();
  mix(event.target);
});
studio.addEventListener("change", (event) => {
  const on = event.target;
  // What is slow waits for the button, and so does a mask that is being painted.
  const slow = on.selectedOptions?.[0]?.matches("[data-slow]");
  if (on.form?.id === "paint" && on.type !== "file" && on.name && !slow) tryOut();
});

// ---- Full size ----

const zoomed = document.querySelector("[data-zoomed]");
studio.addEventListener("click", (event) => {
  const button = event.target.closest("[data-zoom]");
  if (!button) return;
  zoomed.querySelector("img").src = button.dataset.zoom;
  zoomed.showModal();
});
zoomed.addEventListener("click", (event) => {
  if (event.target.matches("img")) zoomed.classList.toggle("actual");
  else if (event.target.closest("[data-close]") || event.target === zoomed) zoomed.close();
});

// ---- Side by side ----

const SIDES_MAX = 4;
const sides = gallery.querySelector("[data-sides]");
const sideButton = gallery.querySelector("[data-side]");

function drawSides() {
  const shown = [...gallery.querySelectorAll(".tile[aria-pressed=true]")];
  sides.replaceChildren(...shown.map((tile) => {
    const item = document.createElement("li");
    const img = document.createElement("img");
    const button = document.createElement("button");
    img.src = tile.querySelector("img").src;
    img.alt = button.textContent = tile.querySelector(".tile-name").textContent;
    button.type = "button";
    button.className = "button";
    button.addEventListener("click", () => {
      pickSides(false);
      choose(tile);
    });
    item.append(img, button);
    return item;
  }));
}

function pickSides(on) {
  sideButton.ariaPressed = String(on);
  gallery.classList.toggle("picking", on);
  sides.hidden = !on;
  all(".tile", (tile) => tile.removeAttribute("aria-pressed"), gallery);
  if (on && current()) current().ariaPressed = "true";
  drawSides();
}

sideButton.addEventListener("click", () => pickSides(sideButton.ariaPressed !== "true"));
gallery.addEventListener("click", (event) => {
  const tile = event.target.closest(".tile");
  if (!tile || !gallery.classList.contains("picking")) return;
  event.preventDefault();
  const first = gallery.querySelectorAll(".tile[aria-pressed=true]");
  if (tile.ariaPressed === "true") tile.removeAttribute("aria-pressed");
  else {
    if (first.length === SIDES_MAX) first[0].removeAttribute("aria-pressed");
    tile.ariaPressed = "true";
  }
  drawSides();
}, true);

// ---- Finding a style ----

const FAVOURITES = "favourites";
const favourites = new Set(JSON.parse(localStorage.getItem(FAVOURITES) ?? "[]"));
const finder = gallery.querySelector("[data-finder]");
const search = finder.querySelector("[data-search]");
const only = finder.querySelector("[data-only]");
const spread = finder.querySelector("[data-spread]");
// As the server folds names.
const fold = (text) => text.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

function sift() {
  const wanted = fold(search.value);
  const ids = only.value === FAVOURITES ? [...favourites] : only.value.split(" ").filter(Boolean);
  all("li", (item) => {
    const among = !only.value || ids.includes(item.dataset.style);
    item.hidden = !among || !item.dataset.words.includes(wanted);
  }, gallery);
  all(".group", (group) => { group.hidden = !group.querySelector("li:not([hidden])"); }, gallery);
  const said = finder.querySelector(".said");
  said.textContent = gallery.querySelector("li:not([hidden])") ? "" : said.dataset.none;
  rove();
}

search.addEventListener("input", sift);
search.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  choose(tiles()[0]);
});
only.addEventListener("change", sift);
function spreads(on) {
  gallery.classList.toggle("spread", on);
  spread.ariaExpanded = String(on);
  if (!on) centre(current());
}
spread.addEventListener("click", () => spreads(spread.ariaExpanded !== "true"));

all("[data-star]", (star) => {
  const id = star.closest("li").dataset.style;
  const draw = () => { star.ariaPressed = String(favourites.has(id)); };
  star.hidden = false;
  draw();
  star.addEventListener("click", () => {
    if (!favourites.delete(id)) favourites.add(id);
    localStorage.setItem(FAVOURITES, JSON.stringify([...favourites]));
    draw();
    if (only.value === FAVOURITES) sift();
  });
}, gallery);

// Tiles show heads, where the photo has some.
async function aim() {
  const response = await fetch(groups.dataset.focus);
  if (!response.ok) return;
  const { x, y } = await response.json();
  groups.style.setProperty("--focus", `${x}% ${y}%`);
}

function looks() {
  all("[data-hold], [data-zoom]", (button) => { button.hidden = false; }, studio);
}

finder.hidden = false;
looks();
rove();
centre(current());
aim();
