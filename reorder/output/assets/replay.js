"use strict";
// The chart can be read without this script; it adds a cursor that keys and the pointer move, and words for its cell.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const chart = document.getElementById("chart");
  const strips = [...chart.querySelectorAll(".panel .strip")];
  const count = data.commits.length;
  if (!count || !strips.length) return;
  const cursor = { row: data.start, commit: count - 1 };

  const marks = strips.map((strip) => {
    const mark = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    mark.setAttribute("class", "at");
    mark.setAttribute("width", "1");
    mark.setAttribute("height", strip.viewBox.baseVal.height);
    strip.append(mark);
    return mark;
  });

  // The cells of a row are lengths and states in turn: 0 for reused, n for the reason n - 1.
  const stateOf = (cells, commit) => {
    let place = 0;
    for (let left = commit; left >= cells[place]; place += 2) left -= cells[place];
    return cells[place + 1];
  };

  const say = (id, text) => { document.getElementById(id).textContent = text; };

  const show = () => {
    const row = data.rows[cursor.row];
    const commit = data.commits[cursor.commit];
    const state = stateOf(row.cells, cursor.commit);
    marks.forEach((mark) => mark.setAttribute("x", cursor.commit));
    strips.forEach((strip, index) => strip.closest(".row").classList.toggle("here", index === cursor.row));
    const reason = state ? data.reasons[state - 1] : "";
    say("state", state ? "Ran again" + (reason && ": " + reason) : "Reused from the cache");
    say("step", row.where + ": " + row.text);
    say("commit", "Commit " + (cursor.commit + 1) + " of " + count + ": " + commit.filter(Boolean).join(", "));
  };

  const move = (row, commit) => {
    const next = [Math.max(0, Math.min(strips.length - 1, row)), Math.max(0, Math.min(count - 1, commit))];
    if (next[0] === cursor.row && next[1] === cursor.commit) return false;
    [cursor.row, cursor.commit] = next;
    show();
    return true;
  };

  const keys = {
    ArrowLeft: () => move(cursor.row, cursor.commit - 1),
    ArrowRight: () => move(cursor.row, cursor.commit + 1),
    ArrowUp: () => move(cursor.row - 1, cursor.commit),
    ArrowDown: () => move(cursor.row + 1, cursor.commit),
    PageUp: () => move(cursor.row, cursor.commit - 10),
    PageDown: () => move(cursor.row, cursor.commit + 10),
    Home: () => move(cursor.row, 0),
    End: () => move(cursor.row, count - 1),
    Enter: () => move(data.rows[cursor.row].partner ?? cursor.row, cursor.commit),
  };

  chart.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
    strips[cursor.row].closest(".row").scrollIntoView({ block: "nearest" });
  });

  const point = (event) => {
    const strip = event.target.closest?.(".strip");
    if (!strip) return;
    const box = strip.getBoundingClientRect();
    move(strips.indexOf(strip), Math.floor(((event.clientX - box.left) / box.width) * count));
  };
  chart.addEventListener("pointermove", point);
  chart.addEventListener("pointerdown", point);

  chart.tabIndex = 0;
  chart.setAttribute("role", "application");
  chart.setAttribute("aria-roledescription", "chart");
  document.getElementById("status").hidden = false;
  document.getElementById("hint").hidden = false;
  show();
})();
