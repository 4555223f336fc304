// Colours and dashes of the lines. No two lines differ by colour alone.

const light = ["#0b4685", "#b3400e", "#1d6b1b", "#861649", "#7a5c00", "#4f2a9b", "#0b6b62", "#3c4149"];
const dark = ["#8ab8ff", "#ff9d73", "#7fd67a", "#ff8fc0", "#e8c64a", "#b79cff", "#63d6c6", "#c9ced4"];

export const dashes = [undefined, [8, 4], [2, 3], [12, 4, 2, 4], [5, 5], [14, 5], [3, 6], [10, 3, 3, 3, 3, 3]];

// colours are the page's, as they are now.
export function colours() {
  const page = getComputedStyle(document.documentElement);
  const of = (name) => page.getPropertyValue(name).trim();
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  return { soft: of("--soft"), line: of("--line"), lines: isDark ? dark : light, font: "12px system-ui, sans-serif" };
}
