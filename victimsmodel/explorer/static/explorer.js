"use strict";
// The page of a workshop. Settings live in the address (#name=value&...), so that a reload keeps them.
// One request for exact numbers is under way at a time; what changes meanwhile is sent next, once.

const start = JSON.parse(document.getElementById("start").textContent);
const sliders = new Map(start.sliders.map((slider) => [slider.name, slider]));
const settings = new Map(); // only what differs from the original
const byId = (id) => document.getElementById(id);
const controls = new Map([...document.querySelectorAll(".x-control")].map((el) => [el.dataset.name, el]));
const parts = { text: ".x-e b", change: ".x-e em", mean: ".x-s b", range: ".x-s em", exact: ".x-exact", simulated: ".x-simulated", before: ".x-before", limit: ".x-limit" };
const cells = new Map([...document.querySelectorAll("td[data-row]")].map((el) => [
  el.dataset.row + "|" + el.dataset.option,
  Object.fromEntries(Object.entries(parts).map(([name, place]) => [name, el.querySelector(place)])),
]));

const TYPED_DIGITS = 6; // of a number that is typed; more are rounded, and shown so

let exact = start.numbers;
let simulated = {};
let refused = false; // nothing is simulated with these settings
let busy = false; // a request for exact numbers is under way
let dirty = false; // settings have changed since it was sent
let serial = 0; // of the settings that are shown

// --- numbers of sliders -------------------------------------------------------------------------

function printed(slider, value) { // what was typed stands there as it was taken; a slider's places are rounder
  const isPlace = value === slider.original || slider.values.includes(value);
  const digits = isPlace ? slider.decimals : TYPED_DIGITS;
  return (value * slider.scale).toLocaleString("en-GB", { maximumFractionDigits: digits });
}

function textOf(slider, value) {
  return typeof value === "number" ? slider.prefix + printed(slider, value) + slider.suffix : String(value);
}

function nearest(slider, value) {
  let best = 0;
  slider.values.forEach((x, i) => { if (Math.abs(x - value) < Math.abs(slider.values[best] - value)) best = i; });
  return best;
}

function read(slider, text) { // a number as it was typed; what is no number goes to the server, which says so
  const bare = text.trim().replace(/^£/, "").replace(slider.suffix.trim(), "").replace(/%$/, "").trim();
  if (!/^[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?$/.test(bare)) return text.trim(); // "1,5" is neither 15 nor 1.5
  const number = bare === "" ? NaN : Number(bare.replaceAll(",", ""));
  return Number.isFinite(number) ? Number((Number(number.toFixed(TYPED_DIGITS)) / slider.scale).toPrecision(12)) : text;
}

function set(name, value) {
  const slider = sliders.get(name);
  if (value === slider.original) settings.delete(name); else settings.set(name, value);
  showControl(name);
  showChanges();
  keepInAddress();
  send();
}

function showControl(name, keepText = false) {
  const slider = sliders.get(name);
  const value = settings.has(name) ? settings.get(name) : slider.original;
  const [range, number] = controls.get(name).querySelectorAll("input");
  if (typeof value === "number") range.value = nearest(slider, value);
  range.setAttribute("aria-valuetext", textOf(slider, value));
  if (!keepText) number.value = typeof value === "number" ? printed(slider, value) : value;
  const was = controls.get(name).querySelector(".x-was");
  was.textContent = "Was " + slider.text;
  was.hidden = !settings.has(name);
  controls.get(name).classList.toggle("is-changed", settings.has(name));
}

function showProblems(problems, fields) {
  for (const control of controls.values()) {
    control.querySelector(".x-problem").hidden = true;
    control.querySelector(".x-number input").removeAttribute("aria-invalid");
  }
  const elsewhere = [];
  problems.forEach((text, i) => {
    const field = (fields[i] || "").replace(/^options\.[^.]+\.changes\./, "");
    const control = [...controls].find(([name]) => field === name || field.startsWith(name + "."));
    if (!control) { elsewhere.push(text); return; }
    const place = control[1].querySelector(".x-problem");
    place.textContent = text;
    place.hidden = false;
    control[1].querySelector(".x-number input").setAttribute("aria-invalid", "true");
  });
  return elsewhere;
}

// --- what changed -------------------------------------------------------------------------------

function showChanges() {
  const body = document.querySelector(".x-changes tbody");
  body.replaceChildren(...[...settings].map(([name, value]) => {
    const slider = sliders.get(name);
    const row = document.createElement("tr");
    [slider.title, slider.text, textOf(slider, value)].forEach((text, i) => {
      const cell = document.createElement(i ? "td" : "th");
      if (!i) cell.scope = "row";
      cell.textContent = text;
      row.append(cell);
    });
    return row;
  }));
  document.querySelector(".x-changes").hidden = settings.size === 0;
  byId("no-changes").hidden = settings.size > 0;
  byId("n-changes").textContent = settings.size ? `(${settings.size})` : "";
  byId("reset").disabled = settings.size === 0;
}

function keepInAddress() {
  const text = new URLSearchParams([...settings].map(([name, value]) => [name, String(value)])).toString();
  history.replaceState(null, "", text ? "#" + text : location.pathname);
}

function readAddress() {
  settings.clear();
  for (const [name, text] of new URLSearchParams(location.hash.slice(1))) {
    if (!sliders.has(name)) continue;
    const number = Number(text);
    const value = text.trim() !== "" && Number.isFinite(number) ? number : text.slice(0, 20);
    if (value !== sliders.get(name).original) settings.set(name, value);
  }
  for (const name of sliders.keys()) showControl(name);
  showChanges();
}

// --- asking the server ----------------------------------------------------------------------------

async function ask(path, body) {
  const reply = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  if (reply.status === 403) throw new Error("The page is no longer allowed in: open the address from the terminal again.");
  if (!reply.ok && reply.status !== 400) throw new Error(`The program answered ${reply.status}.`);
  return reply.json();
}

async function send() {
  dirty = true;
  if (busy) return;
  busy = true;
  while (dirty) {
    dirty = false;
    document.body.classList.add("is-waiting");
    try {
      const found = await ask("/api/exact", { settings: Object.fromEntries(settings) });
      if (found.stale || (dirty && found.problems)) continue;
      const elsewhere = showProblems(found.problems || [], found.fields || []);
      if (found.problems) {
        if (serial && document.body.dataset.exact !== String(serial)) settle(serial); // shown while a slider moved
        say(elsewhere.join(" ") || "Not computed: an input needs another value. The numbers are those of before.");
        continue;
      }
      exact = found.numbers;
      serial = found.serial;
      byId("words-exact").textContent = found.words;
      draw();
      if (dirty) continue; // shown while a slider is still moving
      settle(serial);
    } catch (error) {
      say(`${error.message} Is victimsmodel explore still running?`);
    }
  }
  busy = false;
}

function settle(own) {
  document.body.dataset.exact = String(own); // says to tests what is shown
  wait(own);
}

async function wait(own) {
  let years = 0;
  if (refused) { refused = false; byId("words-simulated").textContent = ""; draw(); }
  say("Simulating…");
  while (own === serial) {
    let found;
    try { found = await ask("/api/simulated", { serial: own, years }); } catch (error) {
      if (own === serial) say(`${error.message} Is victimsmodel explore still running?`);
      return;
    }
    if (own !== serial) return;
    if (found.stale) { if (!busy) say("Another window of this page has newer settings."); return; }
    if (found.problems) { refuse(found.problems.join(" "), own); return; }
    if (!found.numbers) continue;
    years = found.years;
    simulated = found.numbers;
    refused = false;
    document.body.classList.remove("is-waiting");
    document.body.dataset.simulated = `${own}:${years}`;
    byId("words-simulated").textContent = found.words;
    say(`${years} simulated years${found.last ? "." : `; going on to ${start.most_years}, with narrower intervals…`}`);
    draw();
    if (found.last) return;
  }
}

function refuse(why, own) { // numbers of other settings would be taken for those of these
  simulated = {};
  refused = true;
  document.body.classList.remove("is-waiting");
  document.body.dataset.refused = String(own);
  byId("words-simulated").textContent = why;
  say("Not simulated.");
  draw();
}

function say(text) { byId("state").textContent = text; }

// --- drawing ------------------------------------------------------------------------------------------

const written = new WeakMap(); // what stands on the page already is not written again: the layout would be renewed

function write(el, text) {
  if (written.get(el) === text) return;
  written.set(el, text);
  el.textContent = text;
}

function style(el, name, value) {
  const own = written.get(el) || {};
  if (own[name] === value) return;
  written.set(el, { ...own, [name]: value });
  el.style[name] = value;
}

function draw() {
  const most = new Map(); // longest bar of each scale
  for (const row of start.rows) {
    let top = Math.max(most.get(row.scale) || 0, row.full, row.limit || 0);
    for (const { name } of start.options) {
      for (const numbers of [start.numbers, exact, simulated]) {
        const cell = numbers[name] && numbers[name][row.name];
        if (cell) top = Math.max(top, cell.value);
      }
    }
    most.set(row.scale, top);
  }
  for (const row of start.rows) {
    const share = (value) => `${Math.max(0, Math.min(100, (100 * value) / (most.get(row.scale) || 1)))}%`;
    for (const { name } of start.options) {
      const el = cells.get(row.name + "|" + name);
      const one = exact[name] && exact[name][row.name];
      const mean = simulated[name] && simulated[name][row.name];
      write(el.text, one ? one.text : "–");
      write(el.change, one && one.change ? one.change : "");
      write(el.mean, mean ? mean.text : refused || simulated[name] ? "–" : "…");
      write(el.range, mean ? mean.range : "");
      style(el.exact, "width", one ? share(one.value) : "0");
      style(el.simulated, "width", mean ? share(mean.value) : "0");
      style(el.before, "visibility", one && one.change ? "visible" : "hidden");
      if (one && one.change) style(el.before, "left", share(one.before));
      if (el.limit) { style(el.limit, "visibility", "visible"); style(el.limit, "left", share(row.limit)); }
    }
  }
}

// --- the user -----------------------------------------------------------------------------------------

for (const [name, control] of controls) {
  const slider = sliders.get(name);
  const [range, number] = control.querySelectorAll("input");
  range.addEventListener("input", () => set(name, slider.values[Number(range.value)]));
  number.addEventListener("change", () => set(name, read(slider, number.value)));
}
byId("reset").addEventListener("click", () => {
  settings.clear();
  for (const name of sliders.keys()) showControl(name);
  showChanges();
  keepInAddress();
  send();
});
byId("show-changes").addEventListener("click", () => {
  const hidden = byId("changes").toggleAttribute("hidden");
  byId("show-changes").setAttribute("aria-expanded", String(!hidden));
  if (!hidden) byId("changes").scrollIntoView({ block: "nearest" });
});
window.addEventListener("hashchange", () => { readAddress(); send(); });

byId("save").addEventListener("click", () => {
  if (!byId("saving-name").value) byId("saving-name").value = `${start.scenario}-workshop`.slice(0, 60);
  for (const id of ["saving-problem", "saving-done", "saving-again"]) byId(id).hidden = true;
  byId("saving-replace").checked = false;
  byId("saving").showModal();
});
byId("saving-close").addEventListener("click", () => byId("saving").close());
byId("saving-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const asked = { settings: Object.fromEntries(settings), name: byId("saving-name").value.trim(), replace: byId("saving-replace").checked };
  let found;
  try { found = await ask("/api/save", asked); } catch (error) { found = { problems: [error.message] }; }
  byId("saving-problem").hidden = !found.problems;
  byId("saving-done").hidden = Boolean(found.problems);
  if (found.problems) {
    byId("saving-problem").textContent = found.problems.join(" ");
    byId("saving-again").hidden = !found.problems.some((text) => text.includes("Choose replace"));
    return;
  }
  byId("saving-again").hidden = true;
  byId("saving-replace").checked = false;
  byId("saving-done").textContent = `Saved: ${found.folder}/${found.file}. Run it with: ${found.command}`;
});

for (const { name, colour } of start.options) {
  document.querySelectorAll(`[data-option="${CSS.escape(name)}"]`).forEach((el) => el.style.setProperty("--own", colour));
}
byId("words-exact").textContent = start.words;
draw();
readAddress();
document.body.dataset.ready = "true";
send();
