// The numbers of a chart, as its table has them.

// numbersOf reads the times and the lines of a table; a number that is not known
// is null, and breaks the line.
export function numbersOf(table) {
  const names = [...table.querySelectorAll("thead th")].slice(1).map((head) => head.textContent);
  const rows = [...table.querySelectorAll("tbody tr")];
  const times = rows.map((row) => Number(row.querySelector("th").dataset.x));
  const lines = names.map((name, i) => ({
    name,
    values: rows.map((row) => {
      const value = row.children[i + 1].dataset.v;
      return value === "" ? null : Number(value);
    }),
  }));
  return { times, lines };
}

// number writes a number as the page's language does.
export function number(value, decimals) {
  return value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
