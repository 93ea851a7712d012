// The page works without this; with it tables sort, cases filter, links copy and the colours can be chosen.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("scripted");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const said = byId("said");
  const tell = (words) => { said.textContent = words; };
  // Texts stand in the page, in its language; values go into the places of their names.
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  const value = (row, place) => {
    const cell = row.children[place];
    const raw = cell.dataset.value ?? cell.textContent.trim();
    return raw === "" ? null : Number.isNaN(Number(raw)) ? raw : Number(raw);
  };
  const order = (a, b) => {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), root.lang, { numeric: true, sensitivity: "base" });
  };
  for (const button of all("th button[data-sort]")) {
    button.addEventListener("click", () => {
      const head = button.closest("th");
      const body = head.closest("table").tBodies[0];
      const place = [...head.parentElement.children].indexOf(head);
      const was = head.getAttribute("aria-sort");
      // Numbers from the largest, words from the first letter; a second click turns it round.
      const numbers = head.classList.contains("r");
      const down = was ? was !== "descending" : numbers;
      for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      body.append(...[...body.rows].sort((a, b) => {
        const [x, y] = [value(a, place), value(b, place)];
        return x === null || y === null || !down ? order(x, y) : -order(x, y);
      }));
      tell(fill(down ? said.dataset.down : said.dataset.up, { column: button.textContent.trim() }));
    });
  }

  const cases = all(".case");
  const texts = new Map();
  const search = byId("search");
  const picks = all("select[data-filter]");
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of cases) {
      if (words.length && !texts.has(one)) texts.set(one, one.textContent.toLowerCase());
      one.hidden = !(words.every((word) => texts.get(one).includes(word))
        && picks.every((pick) => !pick.value || (one.dataset[pick.dataset.filter] ?? "").split("\t").includes(pick.value)));
      shown += !one.hidden;
    }
    for (const group of all("[data-group]")) group.hidden = !group.querySelector(".case:not([hidden])");
    byId("none").hidden = shown > 0;
    const told = byId("shown");
    told.textContent = fill(shown === cases.length ? told.dataset.all : told.dataset.some, { n: shown, total: cases.length });
  };
  const clear = () => {
    search.value = "";
    for (const pick of picks) pick.value = "";
    filter();
  };
  if (search) {
    let waiting = 0;
    search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 80); });
    for (const pick of picks) pick.addEventListener("change", filter);
    search.form.addEventListener("submit", (event) => { event.preventDefault(); filter(); });
    byId("clear").addEventListener("click", () => { clear(); search.focus(); });
    byId("all").addEventListener("click", () => {
      const shut = cases.filter((one) => !one.hidden && !one.open);
      const opened = shut.length > 0;
      for (const one of cases) if (!one.hidden) one.open = opened;
      byId("all").textContent = opened ? byId("all").dataset.close : byId("all").dataset.open;
    });
    filter();
  }

  for (const button of all("button[data-copy]")) {
    button.addEventListener("click", async () => {
      const link = `${location.href.split("#")[0]}#${button.dataset.copy}`;
      try { await navigator.clipboard.writeText(link); tell(said.dataset.copied); button.textContent = said.dataset.short; }
      catch { location.hash = button.dataset.copy; tell(said.dataset.address); }
    });
  }

  const open = () => {
    let name = location.hash.slice(1);
    try { name = decodeURIComponent(name); } catch { /* as it stands */ }
    const target = name && byId(name);
    if (!target) return;
    if (target.hidden) clear();
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
    if (target.tagName === "DETAILS") target.querySelector("summary").focus({ preventScroll: true });
  };
  addEventListener("hashchange", open);
  // A link to where the address already points changes nothing; it opens all the same.
  addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (link && link.hash === location.hash) open();
  });
  open();

  const theme = byId("theme");
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  theme.setAttribute("aria-pressed", String(dark()));
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    theme.setAttribute("aria-pressed", String(dark()));
  });

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details[data-print]:not([open])");
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of opened) one.open = false; });
})();
