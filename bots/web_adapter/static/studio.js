// Enhances the studio; without it everything but dropping and pasting works.
"use strict";

const all = (selector, act) => document.querySelectorAll(selector).forEach(act);

// A photo that is dropped, pasted, chosen or taken is uploaded at once.
function send(form, files, chosen) {
  const said = form.querySelector(".said");
  if (!files.length) return;
  if (files[0].size > Number(form.dataset.most)) {
    said.textContent = form.dataset.tooLarge;
    return;
  }
  const input = chosen || form.querySelector("input[type=file]");
  if (!chosen) {
    const one = new DataTransfer();
    one.items.add(files[0]);
    input.files = one.files;
  }
  if ("named" in form.dataset) {
    form.querySelector("[data-chosen]").textContent = files[0].name;
    form.querySelector("[name=name]").focus();
    return;
  }
  // Of two inputs with one name only the one with the photo must be sent.
  form.querySelectorAll("input[type=file]").forEach((each) => {
    each.disabled = each !== input;
  });
  said.textContent = form.dataset.working;
  form.classList.add("busy");
  form.submit();
}

all("[data-drop]", (form) => {
  form.addEventListener("change", (event) => {
    if (event.target.type === "file") {
      send(form, event.target.files, event.target);
    }
  });
});

const drop = document.querySelector("[data-drop]");
if (drop) {
  let depth = 0;
  const over = (on) => drop.classList.toggle("over", on);
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
    send(drop, event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => send(drop, event.clipboardData.files));
}

// Before and after: the slider sets how much of the painting the photo covers.
all("[data-compare]", (compare) => {
  const range = compare.querySelector("input");
  const show = () => compare.style.setProperty("--at", `${range.value}%`);
  range.addEventListener("input", show);
  show();
});

all("[data-output]", (range) => {
  const output = document.querySelector(`output[for="${range.id}"]`);
  range.addEventListener("input", () => {
    output.textContent = range.value;
  });
});

// With a second style the blend's share is enabled, and filters are disabled.
all("[data-blend]", (select) => {
  const show = () => {
    select.form.classList.toggle("blends", select.value !== "");
    all('.tile[data-alone]', (tile) => {
      tile.disabled = select.value !== "";
    });
  };
  select.addEventListener("change", show);
  show();
});

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
  const said = brush.querySelector("[data-share]");
  const file = field.querySelector("input[type=file]");
  const undo = brush.querySelector("[data-undo]");
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
    said.textContent = said.dataset.share.replace("#", percent);
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

all("[data-mask]", paintMask);

// Previews replace the photo, at its size.
function grow(img, number) {
  const src = `${img.dataset.preview}?number=${number}`;
  if (img.getAttribute("src") === src) return;
  if (!img.classList.contains("growing")) img.width = img.clientWidth;
  img.classList.add("growing");
  img.src = src;
}

// While a request waits, its page shows its place, and then the picture.
all("[data-events]", (standing) => {
  const events = new EventSource(standing.dataset.events);
  events.onmessage = (event) => {
    const news = JSON.parse(event.data);
    if (news.ended) {
      events.close();
      location.reload();
    } else {
      standing.textContent = news.words;
      if (news.share !== undefined) {
        all(".progress", (bar) => {
          bar.hidden = false;
          bar.value = news.share;
        });
      }
      if (news.preview !== undefined) all("[data-preview]", (img) => grow(img, news.preview));
    }
  };
});

all(".tile-picture img", (img) => {
  const shown = () => img.classList.add("there");
  if (img.complete && img.naturalWidth) shown();
  img.addEventListener("load", shown);
  img.addEventListener("error", () => img.classList.add("missing"));
});

// The server does not know the user's time zone.
all("time", (time) => {
  const when = new Date(time.dateTime);
  time.textContent = when.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
});

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
