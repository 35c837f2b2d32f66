"use strict";
// The table: table-core sorts, filters, counts and pages; this draws one page of it and moves through it by keys.
(() => {
  const { data, rows, number, hours, element, id } = report;
  const { createTable, getCoreRowModel, getFilteredRowModel, getSortedRowModel, getPaginationRowModel,
    getFacetedRowModel, getFacetedUniqueValues } = TableCore;

  const holds = (row, column, wanted) => row.original[column].includes(wanted);
  const texts = new Map(rows.map((row) => [row, 
    [row.name, row.owner, ...row.ecosystems, ...row.managers].join("\n").toLowerCase()]));
  const finds = (row, column, words) => words.every((word) => texts.get(row.original).includes(word));
  const byName = (a, b) => {
    const [one, other] = [a.original.name.toLowerCase(), b.original.name.toLowerCase()];
    return one < other ? -1 : one > other ? 1 : 0;
  };
  const set = (key) => ({ id: key, accessorFn: (row) => row[key], filterFn: holds, enableSorting: false,
    getUniqueValues: (row) => row[key] });
  const count = (key, accessorFn) => ({ id: key, accessorFn, sortingFn: "basic", sortDescFirst: true });

  const columns = [
    { id: "name", accessorFn: (row) => row.name, sortingFn: byName, filterFn: finds, sortDescFirst: false },
    set("states"), set("ecosystems"), set("slugs"),
    { ...count("state", (row) => row.state), sortDescFirst: false },
    count("fixable", (row) => row.fixable),
    { id: "ecosystem", accessorFn: (row) => row.ecosystems.join(", ").toLowerCase(), sortingFn: "basic",
      sortDescFirst: false },
    count("before", (row) => row.before),
    count("after", (row) => row.after),
    count("seconds", (row) => row.seconds),
  ];

  let state;
  const table = createTable({
    data: rows, columns, state: {}, onStateChange: (change) => update(change), renderFallbackValue: null,
    enableSortingRemoval: false, autoResetPageIndex: false,
    getCoreRowModel: getCoreRowModel(), getFilteredRowModel: getFilteredRowModel(),
    getSortedRowModel: getSortedRowModel(), getPaginationRowModel: getPaginationRowModel(),
    getFacetedRowModel: getFacetedRowModel(), getFacetedUniqueValues: getFacetedUniqueValues(),
  });
  state = { ...table.initialState, sorting: [{ id: "seconds", desc: true }],
    pagination: { pageIndex: 0, pageSize: data.page } };
  table.setOptions((options) => ({ ...options, state }));
  const update = (change) => {
    state = typeof change === "function" ? change(state) : change;
    table.setOptions((options) => ({ ...options, state }));
    draw();
  };

  // Rows in the order and the selection that the table has now; the open repository goes through them.
  report.shown = () => table.getSortedRowModel().rows.map((row) => row.original);

  const month = (seconds) => element("data", { class: "month", value: seconds }, hours(seconds * report.builds));
  const chip = (name, text) => element("span", { class: "chip " + name.toLowerCase().replaceAll(" ", "-") }, text);
  const spaced = (chips) => chips.filter(Boolean).flatMap((made, index) => (index ? [" ", made] : [made]));
  const line = (row) => {
    const name = data.states[row.state];
    const address = "#repo=" + encodeURIComponent(row.name);
    return element("tr", null,
      element("th", { scope: "row" }, element("a", { href: address }, element("bdi", null, row.name)),
        row.owner && element("span", { class: "owner" }, element("bdi", null, row.owner))),
      element("td", null, ...spaced([chip(name, name),
        row.failed && name !== "failed" && chip("failed", "failed in part"), row.unsafe && chip(data.doubt, data.doubt)])),
      element("td", { class: "number mid" }, row.files ? number(row.fixable) + " of " + number(row.files) : ""),
      element("td", { class: "wide" }, row.ecosystems.join(", ")),
      element("td", { class: "number wide" }, row.before ? number(row.before) : ""),
      element("td", { class: "number wide" }, row.before ? number(row.after) : ""),
      element("td", { class: "number" }, row.seconds > 0 ? month(row.seconds) : null),
    );
  };

  const isOnPaper = matchMedia("print");
  const draw = () => {
    const found = table.getSortedRowModel().rows;
    const page = report.isPrinting ? found : table.getPaginationRowModel().rows;
    id("rows").replaceChildren(...page.map((row) => line(row.original)));
    const first = table.getState().pagination.pageIndex * data.page;
    const saved = found.reduce((sum, row) => sum + row.original.seconds, 0);
    const all = rows.length === 1 ? "1 repository" : number(rows.length) + " repositories";
    id("count").textContent = (found.length === rows.length ? all : number(found.length) + " of " + all)
      + (saved > 0 ? ", saving " + hours(saved * report.builds) + " a month" : "");
    id("page").textContent = found.length ? number(first + 1) + "–" + number(first + page.length) + " of "
      + number(found.length) : "Nothing matches.";
    id("previous-page").disabled = !table.getCanPreviousPage();
    id("next-page").disabled = !table.getCanNextPage();
    for (const head of document.querySelectorAll("#table th[data-column]")) {
      const sorted = state.sorting.find((sort) => sort.id === head.dataset.column);
      if (sorted) head.setAttribute("aria-sort", sorted.desc ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    drawFacets();
  };
  report.draw = draw;

  // Each choice with the number of repositories that it would leave, given the other filters.
  const facets = [["state", "states"], ["ecosystem", "ecosystems"], ["slug", "slugs"]];
  const choices = { ...data, states: rows.some((row) => row.unsafe) ? [...data.states, data.doubt] : data.states };
  const drawFacets = () => {
    for (const [name, column] of facets) {
      const counts = table.getColumn(column).getFacetedUniqueValues();
      const chosen = table.getColumn(column).getFilterValue() ?? "";
      const options = choices[column].map((value) => {
        const many = counts.get(value) ?? 0;
        return element("option", { value, selected: value === chosen, disabled: !many && value !== chosen },
          value + " (" + number(many) + ")");
      });
      id(name).replaceChildren(element("option", { value: "" }, "any"), ...options);
      id(name).value = chosen;
    }
  };

  const select = (filters) => {
    table.setState((old) => ({ ...old, columnFilters: filters, pagination: { ...old.pagination, pageIndex: 0 } }));
  };
  const readFilters = () => {
    const words = id("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = facets.map(([name, column]) => ({ id: column, value: id(name).value })).filter(({ value }) => value);
    select(words.length ? [{ id: "name", value: words }, ...chosen] : chosen);
  };
  id("controls").addEventListener("input", readFilters);
  id("controls").addEventListener("submit", (event) => event.preventDefault());
  id("controls").addEventListener("reset", (event) => {
    event.preventDefault();
    id("text").value = "";
    select([]);
    id("text").focus();
  });

  // Names in the charts become buttons that filter the table.
  for (const place of document.querySelectorAll(".pick")) {
    const value = place.textContent;
    const column = facets.find(([name]) => name === place.dataset.filter)[1];
    const button = element("button", { type: "button", class: place.className,
      title: "Show its repositories" }, value);
    button.addEventListener("click", () => {
      id("text").value = "";
      select([{ id: column, value }]);
      id("table-title").scrollIntoView();
      id(place.dataset.filter).focus({ preventScroll: true });
    });
    place.replaceWith(button);
  }

  for (const head of document.querySelectorAll("#table th[data-column]")) {
    const button = element("button", { type: "button", class: "sort" }, head.textContent);
    button.addEventListener("click", (event) => {
      const column = table.getColumn(head.dataset.column);
      table.setPageIndex(0);
      column.toggleSorting(undefined, event.shiftKey);
    });
    head.replaceChildren(button);
  }

  const goTo = (delta, focus) => {
    const [can, go] = delta < 0 ? [table.getCanPreviousPage(), table.previousPage] : [table.getCanNextPage(), table.nextPage];
    if (!can) return;
    go();
    const links = id("rows").querySelectorAll("a");
    if (focus) links[0]?.focus();
    else id("table-title").scrollIntoView({ block: "nearest" });
  };
  id("previous-page").addEventListener("click", () => goTo(-1));
  id("next-page").addEventListener("click", () => goTo(1));
  id("rows").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const links = [...id("rows").querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    const focus = (index) => links[Math.max(0, Math.min(links.length - 1, index))]?.focus();
    const keys = {
      ArrowDown: () => focus(at + 1), ArrowUp: () => focus(at - 1), Home: () => focus(0),
      End: () => focus(links.length - 1), PageDown: () => goTo(1, true), PageUp: () => goTo(-1, true),
    };
    if (at < 0 || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });

  // Puts the focus on a repository's line, on whatever page it is.
  report.focus = (row) => {
    const index = report.shown().indexOf(row);
    if (index < 0) return id("text").focus();
    table.setPageIndex(Math.floor(index / data.page));
    return id("rows").querySelectorAll("a")[index % data.page].focus();
  };

  const builds = id("builds");
  builds.value = data.builds;
  builds.addEventListener("input", () => {
    const value = builds.valueAsNumber;
    if (!(value >= 0)) return;
    report.builds = Math.min(value, 1e6);
    id("rate").textContent = number(report.builds);
    for (const told of document.querySelectorAll("main > header .month, main > dl .month, table.chart .month")) {
      told.textContent = hours(Number(told.value) * report.builds);
    }
    draw();
  });
  builds.hidden = false;
  id("rate").classList.add("on-paper");
  id("controls").hidden = false;
  id("pager").hidden = false;

  // On paper the whole selection, not one page of it, and nothing behind a fold.
  const unfolded = [];
  const print = (isPrinting) => {
    report.isPrinting = isPrinting;
    for (const fold of isPrinting ? document.querySelectorAll("details:not([open])") : unfolded.splice(0)) {
      fold.open = isPrinting;
      if (isPrinting) unfolded.push(fold);
    }
    draw();
  };
  isOnPaper.addEventListener("change", () => print(isOnPaper.matches));
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  print(isOnPaper.matches);
})();
