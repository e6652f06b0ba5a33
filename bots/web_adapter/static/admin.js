// Enhances the admin's pages; without it everything but drag and drop works.
"use strict";

const every = (selector, act, within = document) => within.querySelectorAll(selector).forEach(act);

// The token is in the URL's fragment, which browsers do not send; it is moved into the form and hidden.
const TOKEN = /^#[\w-]{43}$/;
if (TOKEN.test(location.hash)) {
  const token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  const login = document.getElementById("login");
  if (login) {
    login.elements.token.value = token;
    login.submit();
  }
}

// A refused form keeps its values, and shows the error.
let asking = 0;
async function ask(form, submitter) {
  const everyones = document.querySelector("[data-said]");
  const said = form.querySelector(".said") || everyones;
  const say = (words, wrong) => {
    said.textContent = words;
    said.classList.toggle("wrong", wrong);
  };
  const fields = new FormData(form, submitter);
  form.classList.add("busy");
  asking += 1;
  say(form.dataset.working || "", false);
  let led = null;
  try {
    const to = submitter && submitter.hasAttribute("formaction") ? submitter.formAction : form.action;
    const answer = await fetch(to, { method: "POST", body: fields });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const sentence = page.querySelector("main [role=alert]");
    if (answer.ok) led = new URL(answer.url);
    else say(sentence ? sentence.textContent : answer.statusText, true);
  } catch {
    say(everyones.dataset.lost, true);
  }
  form.classList.remove("busy");
  asking -= 1;
  // The user may have started another request by now, which navigating would abort.
  if (!led || asking) return;
  if (led.pathname === location.pathname && led.search === location.search) location.reload();
  else location.assign(led);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("ask" in form.dataset)) return;
  event.preventDefault();
  if (!form.classList.contains("busy")) ask(form, event.submitter);
});

// Order: a moved item is in its new place at once, and keeps the focus.
every("[data-shelf]", (shelf) => {
  const moved = document.getElementById("moved");
  const settle = (item, place) => {
    moved.textContent = shelf.dataset.moved
      .replace("%t", item.querySelector(".tile-name").firstChild.textContent.trim())
      .replace("%p", String(place + 1));
  };
  const tell = async (item, place) => {
    const form = item.querySelector("form");
    const fields = new FormData(form);
    fields.set("place", String(place));
    const answer = await fetch(form.action, { method: "POST", body: fields });
    if (answer.ok) settle(item, place);
    else location.reload();
  };
  const put = (item, place) => {
    const others = [...shelf.children].filter((each) => each !== item);
    const there = Math.max(0, Math.min(place, others.length));
    const focused = item.contains(document.activeElement) ? document.activeElement : null;
    shelf.insertBefore(item, others[there] || null);
    if (focused) focused.focus();
    return tell(item, there);
  };
  shelf.addEventListener("submit", (event) => {
    event.preventDefault();
    const item = event.target.closest("li");
    const now = [...shelf.children].indexOf(item);
    put(item, { first: 0, earlier: now - 1, later: now + 1 }[event.submitter.value]);
  });

  let held = null;
  const clear = () => every(".over-before, .over-after", (each) => each.classList.remove("over-before", "over-after"), shelf);
  every(".grip", (grip) => {
    const item = grip.closest("li");
    grip.addEventListener("pointerdown", () => { item.draggable = true; });
    item.addEventListener("dragstart", (event) => {
      held = item;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", item.id);
      item.classList.add("held");
    });
    item.addEventListener("dragend", () => {
      item.draggable = false;
      item.classList.remove("held");
      held = null;
      clear();
    });
  }, shelf);
  const target = (event) => {
    const item = event.target.closest("li");
    if (!held || !item || item === held) return null;
    const box = item.getBoundingClientRect();
    return { item, after: event.clientY > box.top + box.height / 2 };
  };
  shelf.addEventListener("dragover", (event) => {
    if (!held) return;
    event.preventDefault();
    clear();
    const over = target(event);
    if (over) over.item.classList.add(over.after ? "over-after" : "over-before");
  });
  shelf.addEventListener("drop", (event) => {
    if (!held) return;
    event.preventDefault();
    event.stopPropagation();
    const over = target(event);
    if (!over) return;
    const others = [...shelf.children].filter((each) => each !== held);
    put(held, others.indexOf(over.item) + (over.after ? 1 : 0));
  });
});

// Pictures for a new style: dropped, pasted or chosen, and previewed before they are sent.
every("[data-pictures]", (form) => {
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector(".chosen");
  const said = form.querySelector(".said");
  const take = (files) => {
    const found = [...files].slice(0, Number(form.dataset.count));
    if (!found.length) return;
    const fit = found.filter((file) => file.size <= Number(form.dataset.most));
    said.textContent = fit.length < found.length ? form.dataset.tooLarge : "";
    said.classList.toggle("wrong", fit.length < found.length);
    const kept = new DataTransfer();
    fit.forEach((file) => kept.items.add(file));
    input.files = kept.files;
    every("img", (img) => URL.revokeObjectURL(img.src), list);
    list.replaceChildren(...fit.map((file) => {
      const item = document.createElement("li");
      const img = new Image();
      img.alt = file.name;
      img.src = URL.createObjectURL(file);
      item.append(img);
      return item;
    }));
    list.hidden = !fit.length;
    if (fit.length) form.elements.name.focus();
  };
  input.addEventListener("change", () => take(input.files));
  const files = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    form.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    form.classList.remove("over");
    take(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => take(event.clipboardData.files));
});

// Live parts are refreshed, unless a control in them has the focus; once done, the page is reloaded.
every("[data-live]", (part) => {
  const looking = setInterval(async () => {
    if (document.hidden || part.contains(document.activeElement)) return;
    const answer = await fetch(location.href);
    if (!answer.ok) {
      clearInterval(looking);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const news = page.querySelector("[data-live]");
    if (news) part.replaceChildren(...news.childNodes);
    else location.reload();
  }, 2000);
});
