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
