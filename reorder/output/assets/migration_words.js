"use strict";
// What the scripts of the page share: its data, how numbers are written (as the page itself does), and elements.
const report = (() => {
  const data = JSON.parse(document.getElementById("index").textContent);
  const thousands = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
  const number = (value) => thousands.format(Math.floor(value + 0.5));

  const hours = (seconds) => {
    if (seconds <= 0) return "none";
    if (seconds < 60) return "under 1 min";
    const minutes = Math.floor(seconds / 60 + 0.5);
    if (minutes < 60) return minutes + " min";
    const tenths = Math.floor(seconds / 360 + 0.5);
    return tenths < 100 ? Math.floor(tenths / 10) + "." + (tenths % 10) + " h" : number(seconds / 3600) + " h";
  };

  // An element with its attributes and children; texts become text nodes, never markup.
  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes ?? {})) {
      if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return made;
  };

  const rows = data.rows.map(
    ([name, owner, state, failed, unsafe, files, fixable, ecosystems, managers, slugs, before, after, seconds, block, place]) => ({
      name, owner, state, failed, unsafe, files, fixable, before, after, seconds, block, place,
      states: [...new Set([data.states[state], ...(failed ? ["failed"] : []), ...(unsafe ? [data.doubt] : [])])],
      ecosystems: ecosystems.map((index) => data.ecosystems[index]),
      managers: managers.map((index) => data.managers[index]),
      slugs: slugs.map((index) => data.slugs[index]),
    }),
  );

  return { data, rows, builds: data.builds, number, hours, element, id: (name) => document.getElementById(name) };
})();
