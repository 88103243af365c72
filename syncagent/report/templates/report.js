"use strict";
(() => {
  const form = document.getElementById("filters");
  const shown = document.getElementById("shown");
  const nothing = document.getElementById("nothing");
  const list = (selector, from = document) => [...from.querySelectorAll(selector)];
  const actions = list("article");
  const findings = list(".finding");
  const deletions = list(".deletion");
  const groups = list("[data-group]");
  const units = list(".unit");
  const fields = ["q", "severity", "kind", "unit", "destructive"];
  const texts = new WeakMap();

  // “Nguyễn”, “nguyen” and “NGUYEN” are one word to whoever searches
  const folded = (text) =>
    text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/đ/g, "d").replace(/\s+/g, " ");
  const textOf = (element) => {
    if (!texts.has(element)) {
      const names = [element.closest(".agency")?.querySelector("h3"), element.closest(".unit")?.querySelector("h4"), element];
      texts.set(element, folded(names.map((one) => one?.textContent ?? "").join(" ")));
    }
    return texts.get(element);
  };
  // “hoa” finds “Hòa” and “hoat…”, not the middle of “khoa”
  const begins = (text, word) => {
    let at = text.indexOf(word);
    while (at > 0 && /[a-z0-9]/.test(text[at - 1])) at = text.indexOf(word, at + 1);
    return at >= 0;
  };
  const wanted = () => Object.fromEntries(fields.map((name) => {
    const field = form.elements[name];
    return [name, field.type === "checkbox" ? (field.checked ? "1" : "") : field.value.trim()];
  }));
  const stands = (card, where) =>
    card.closest(".unit").dataset.unit === where || card.closest(".agency").dataset.agency === where;
  const show = (element, yes) => element.toggleAttribute("data-off", !yes);

  function apply() {
    const want = wanted();
    const words = folded(want.q).split(" ").filter(Boolean);
    const matches = (element) => words.every((word) => begins(textOf(element), word));
    const visible = new Set();
    for (const card of actions) {
      const yes = (!want.kind || card.dataset.kind === want.kind) && (!want.unit || stands(card, want.unit))
        && (!want.destructive || "destructive" in card.dataset)
        && matches(card);
      show(card, yes);
      if (yes) visible.add(card.id);
    }
    let found = 0;
    for (const finding of findings) {
      const yes = (!want.severity || finding.dataset.severity === want.severity) && matches(finding);
      show(finding, yes);
      found += yes;
    }
    for (const deletion of deletions) show(deletion, visible.has(deletion.dataset.of));
    const filtered = Object.values(want).some(Boolean);
    for (const unit of units) show(unit, unit.querySelector("article:not([data-off])"));
    for (const group of groups) count(group, filtered);
    for (const heading of list("h3.severity")) {
      const theirs = [];
      for (let next = heading.nextElementSibling; next?.matches("details"); next = next.nextElementSibling) theirs.push(next);
      show(heading, theirs.some((group) => !group.hasAttribute("data-off")));
    }
    shown.textContent = shown.dataset.says.replace("{a}", visible.size).replace("{A}", actions.length)
      .replace("{f}", found).replace("{F}", findings.length);
    nothing.hidden = !filtered || visible.size + found > 0;
  }

  function count(group, filtered) {
    const total = group.querySelector("[data-count]");
    const left = list("article, .finding, .deletion", group).filter((one) => !one.hasAttribute("data-off")).length;
    show(group, left > 0);
    total.textContent = filtered ? `${left}/${total.dataset.count}` : total.dataset.count;
    if (filtered && left > 0 && group.tagName === "DETAILS") group.open = true;
  }

  function remember() {
    const kept = new URLSearchParams(Object.entries(wanted()).filter(([, value]) => value));
    history.replaceState(null, "", `#${kept}`);
  }

  function recall() {
    const kept = new URLSearchParams(location.hash.slice(1));
    if (location.hash && !fields.some((name) => kept.has(name))) return openTarget();
    for (const name of fields) {
      const field = form.elements[name];
      if (field.type === "checkbox") field.checked = kept.has(name);
      else field.value = kept.get(name) ?? "";
      if (field.value === "" && field.options) field.selectedIndex = 0;
    }
    apply();
  }

  // a link inside the page leads to its target even where a filter or a closed group hides it
  function openTarget() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[data-off]")) { form.reset(); apply(); }
    for (let group = target; group; group = group.parentElement) if (group.tagName === "DETAILS") group.open = true;
    target.scrollIntoView();
  }

  let timer = 0;
  const changed = () => { apply(); remember(); };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(changed, 80); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(changed));
  addEventListener("hashchange", recall);
  const all = (open) => () => { for (const group of list("main details")) group.open = open; };
  document.getElementById("open-all").addEventListener("click", all(true));
  document.getElementById("close-all").addEventListener("click", all(false));

  // paper shows everything, whatever is folded away on the screen
  let folded_away = [];
  addEventListener("beforeprint", () => {
    folded_away = list("details:not([open])");
    for (const group of folded_away) group.open = true;
  });
  addEventListener("afterprint", () => { for (const group of folded_away) group.open = false; });

  form.hidden = false;
  apply();
  if (location.hash) recall();
})();
