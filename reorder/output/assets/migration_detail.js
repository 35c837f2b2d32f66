"use strict";
// One repository in full: its diffs side by side, with reasons; unpacked when it is opened, never before.
(() => {
  const { data, rows, number, hours, element, id } = report;
  const dialog = id("detail");
  const blocks = document.querySelectorAll("script.block");
  const byName = new Map(rows.map((row) => [row.name, row]));
  let open = null;

  // Many repositories share a block; the last ones that were unpacked are kept.
  const kept = new Map();
  const unpack = (number) => {
    if (!kept.has(number)) {
      const bytes = Uint8Array.from(atob(blocks[number].textContent), (char) => char.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
      kept.set(number, new Response(stream).json());
      if (kept.size > 8) kept.delete(kept.keys().next().value);
    }
    return kept.get(number);
  };

  const code = (text) => element("code", { dir: "ltr" }, text);
  const isolated = (text) => element("bdi", null, text);

  const marked = (parts) => parts.map((part, index) => (index % 2 ? element("mark", null, part) : part));
  const places = { old: "moves to line ", new: "was line " };
  const half = (side, tag, before) => {
    if (!side) return [element("td", { class: "no gap" }), element("td", { class: "code gap" })];
    const [line, parts, moved] = side;
    const name = tag === "del" ? "old" : "new";
    const kind = name + (moved ? " moved" : parts.join("").trim() ? "" : " blank");
    const goesOn = before && before[0] === line - 1 && before[2] === moved - 1; // the line above has said where to
    return [
      element("td", { class: "no " + kind }, String(line)),
      element("td", { class: "code " + kind }, element(tag, { dir: "ltr" }, ...marked(parts)),
        moved && !goesOn ? element("span", { class: "to" }, places[name] + moved) : null),
    ];
  };
  const beside = (row, side) => (row && row.length === 2 ? row[side] : null);
  const diffRow = (row, index, rows) => {
    if (row.length === 3) {
      const same = (line, kind) => [element("td", { class: "no " + kind }, String(line)),
        element("td", { class: "code " + kind }, element("span", { dir: "ltr" }, row[2]))];
      return element("tr", { class: "same" }, ...same(row[0], "left"), ...same(row[1], "right"));
    }
    return element("tr", { class: row[0] && row[1] ? "both" : row[0] ? "only-old" : "only-new" },
      ...half(row[0], "del", beside(rows[index - 1], 0)), ...half(row[1], "ins", beside(rows[index - 1], 1)));
  };
  const gap = (text) => element("tr", { class: "skip" }, element("td", { colspan: 4 }, text));
  const diff = ({ path, isNew, hunks }, index) => {
    const body = element("tbody", null);
    hunks.forEach((hunk, place) => {
      if (place) body.append(gap("⋯"));
      body.append(...hunk.rows.map(diffRow));
      if (hunk.isCut) body.append(gap("The rest is in the patch file."));
    });
    const head = (text) => element("th", { scope: "colgroup", colspan: 2 }, text);
    return element("div", { class: "diff" }, element("table", null,
      element("caption", { class: index ? null : "unseen" }, code(path), isNew ? " (a new file)" : ""),
      element("colgroup", null, ...["no", null, "no", null].map((kind) => element("col", { class: kind }))),
      element("thead", null, element("tr", null, head("before"), head("after"))), body));
  };

  const item = ({ slug, line, reason, evidence, isUnsafe, code: quoted }) => element("li", null,
    element("p", null, element("span", { class: "slug" }, slug), isUnsafe ? element("span", { class: "chip unsafe" },
      data.doubt) : null, " line " + number(line) + ": ", isolated(reason)),
    quoted ? element("p", { class: "quote" }, code(quoted)) : null,
    evidence ? element("details", null, element("summary", null, "How that is known"),
      element("ul", null, ...evidence.map((text) => element("li", null, isolated(text))))) : null);
  const items = (title, list) => (list?.length ? [element("h4", null, title), element("ul", { class: "items" },
    ...list.map(item))] : []);
  const upper = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  const file = (record) => {
    const at = record.state === "failed" && record.line ? record.path + ":" + record.line : record.path;
    const context = record.context && (record.context !== "." || record.toldBy.length) && element("p", { class: "quiet" }, "Build context ", code(record.context),
      ...(record.toldBy.length ? [", as ", isolated(record.toldBy.join(", ")), " says"] : []));
    return element("section", { class: "file" },
      element("h3", null, code(at), element("span", { class: "chip " + record.state.replaceAll(" ", "-") }, record.state)),
      context || null,
      record.error ? element("p", { class: "error" }, isolated(record.error)) : null,
      record.gain ? element("p", { class: "gain" }, upper(record.gain) + ".") : null,
      ...(record.diffs ?? []).map(diff),
      ...items("Why this is right", record.changes),
      ...items("Left alone", record.refusals));
  };

  // Nothing can be said of a Dockerfile in which nothing can be gained but its name.
  const idle = "nothing to gain";
  const others = (records) => (records.length ? [element("section", { class: "file" },
    element("h3", null, "Nothing to gain"), element("ul", { class: "items" },
      ...records.map(({ path }) => element("li", null, code(path)))))] : []);

  const about = (row, record) => {
    const shown = report.shown();
    const at = shown.indexOf(row);
    const parts = [at < 0 ? "" : number(at + 1) + " of " + number(shown.length),
      row.seconds > 0 ? "saves " + hours(row.seconds * report.builds) + " a month" : data.states[row.state],
      record.owner, record.branch && "branch " + record.branch, record.commit && "commit " + record.commit.slice(0, 10)];
    return parts.filter(Boolean).flatMap((part, index) => (index ? [" · ", isolated(part)] : [isolated(part)]));
  };

  const draw = (row, record) => {
    id("detail-title").replaceChildren(isolated(record.name));
    id("detail-about").replaceChildren(...about(row, record));
    const failure = [record.trouble && upper(record.trouble) + ".", record.error].filter(Boolean);
    id("detail-body").replaceChildren(
      ...failure.map((text) => element("p", { class: "error" }, isolated(text))),
      ...record.files.filter((each) => each.state !== idle).map(file),
      ...others(record.files.filter((each) => each.state === idle)),
      ...(record.files.length || failure.length ? [] : [element("p", null, "No Dockerfile was found.")]),
      record.source ? element("p", { class: "quiet origin" }, "Source: ", code(record.source)) : "",
      ...(record.patch ? [element("p", { class: "quiet" }, "Patch: ", element("a", { href: record.patch.address },
        code(record.patch.name)))] : []));
    id("detail-body").classList.toggle("many", record.files.length > 20); // then those out of sight are not laid out
    id("detail-body").scrollTop = 0;
    const shown = report.shown();
    const at = shown.indexOf(row);
    id("previous").disabled = at <= 0;
    id("next").disabled = at < 0 || at >= shown.length - 1;
  };

  const show = async (row) => {
    open = row;
    let record;
    try {
      record = (await unpack(row.block))[row.place];
    } catch (error) { // a browser from before 2023, or a page that was cut off
      record = { name: row.name, source: "", error: "The diffs cannot be unpacked here: " + error, files: [] };
    }
    if (open !== row) return; // another one was asked for meanwhile
    draw(row, record);
    if (!dialog.open) {
      dialog.showModal();
      id("detail-body").focus();
    }
  };

  const address = (row) => (row ? "#repo=" + encodeURIComponent(row.name) : location.pathname + location.search);
  const move = (delta) => {
    const shown = report.shown();
    const next = shown[shown.indexOf(open) + delta];
    if (!open || !next) return;
    history.replaceState(null, "", address(next));
    show(next);
  };
  id("previous").addEventListener("click", () => move(-1));
  id("next").addEventListener("click", () => move(1));
  id("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    move(event.key === "ArrowLeft" ? -1 : 1);
  });
  dialog.addEventListener("close", () => {
    if (dialog.open) return; // this event comes late, and another repository may be open by now
    const row = open;
    open = null;
    if (location.hash) history.replaceState(null, "", address(null));
    if (row) report.focus(row);
  });

  const follow = () => {
    const match = /^#repo=(.*)$/.exec(location.hash);
    if (!match) {
      if (dialog.open) dialog.close();
      return;
    }
    let name = match[1];
    try { name = decodeURIComponent(name); } catch { /* as it is: no name holds a lone percent sign in an address */ }
    const row = byName.get(name);
    if (row) show(row);
    else id("count").textContent = "There is no repository " + name + " in this report.";
  };
  addEventListener("hashchange", follow);
  follow();
})();
