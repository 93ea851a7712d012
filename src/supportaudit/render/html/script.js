// The page works without this; with it tables sort, cases filter, links copy and the colours can be chosen.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("scripted");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const said = document.getElementById("said");
  const tell = (words) => { if (said) said.textContent = words; };

  for (const button of all("th button[data-sort]")) {
    button.addEventListener("click", () => {
      const head = button.closest("th");
      const table = head.closest("table");
      const place = [...head.parentElement.children].indexOf(head);
      const down = head.getAttribute("aria-sort") !== "descending";
      for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = (row) => {
        const cell = row.children[place];
        const raw = cell.dataset.value ?? cell.textContent.trim();
        const number = Number(raw);
        return raw === "" || Number.isNaN(number) ? raw.toLowerCase() : number;
      };
      const body = table.tBodies[0];
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        const order = typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0) : typeof x === "number" ? -1 : 1;
        return down ? -order : order;
      });
      body.append(...rows);
      tell(`Sorted by ${button.textContent.trim()}`);
    });
  }

  const search = document.getElementById("search");
  const picks = all("select[data-filter]");
  const filter = () => {
    const words = (search?.value ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of all(".case")) {
      const text = (one.cachedText ??= one.textContent.toLowerCase());
      const fits = words.every((word) => text.includes(word))
        && picks.every((pick) => !pick.value || (one.dataset[pick.dataset.filter] ?? "").split("\t").includes(pick.value));
      one.hidden = !fits;
      shown += fits;
    }
    const count = document.getElementById("shown");
    if (count) count.textContent = `${shown} of ${all(".case").length} cases shown`;
  };
  search?.addEventListener("input", filter);
  for (const pick of picks) pick.addEventListener("change", filter);
  document.getElementById("clear")?.addEventListener("click", () => {
    if (search) search.value = "";
    for (const pick of picks) pick.value = "";
    filter();
    search?.focus();
  });

  for (const button of all("button[data-copy]")) {
    button.addEventListener("click", async () => {
      const link = `${location.href.split("#")[0]}#${button.dataset.copy}`;
      try { await navigator.clipboard.writeText(link); tell("Link copied"); button.textContent = "Copied"; }
      catch { location.hash = button.dataset.copy; tell("The link is in the address bar"); }
    });
  }

  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    target.hidden = false;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();

  const theme = document.getElementById("theme");
  theme?.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    theme.setAttribute("aria-pressed", String(!dark));
  });
  addEventListener("beforeprint", () => { for (const one of all("details[data-print]")) one.open = true; });
})();
