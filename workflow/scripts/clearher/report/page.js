"use strict";
(function () {
  const numeric = (text) => {
    const match = text.trim().match(/^[<>]?-?\d+(\.\d+)?(e[+-]?\d+)?/i);
    return match ? parseFloat(match[0].replace(/^[<>]/, "")) : null;
  };
  const compare = (a, b) => {
    const x = numeric(a), y = numeric(b);
    if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
    return x !== null && y !== null ? x - y || a.localeCompare(b) : a.localeCompare(b);
  };
  const sortBy = (table, header) => {
    const column = [...header.parentNode.children].indexOf(header);
    const down = header.getAttribute("aria-sort") === "ascending";
    for (const other of header.parentNode.children) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [row.cells[column].textContent.trim(), row]);
    rows.sort((a, b) => (a[0] === "" || b[0] === "" ? compare(a[0], b[0]) : (down ? -1 : 1) * compare(a[0], b[0])));
    body.append(...rows.map((row) => row[1]));
  };
  for (const table of document.querySelectorAll("table.data")) {
    for (const header of table.tHead.rows[0].cells) {
      header.firstElementChild.addEventListener("click", () => sortBy(table, header));
    }
  }
  for (const input of document.querySelectorAll("input[data-filters]")) {
    const table = document.getElementById(input.dataset.filters);
    const shown = input.parentNode.querySelector("output");
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const row of table.tBodies[0].rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        count += row.hidden ? 0 : 1;
      }
      shown.textContent = words.length ? count + " of " + table.tBodies[0].rows.length : "";
    });
  }
})();
