// Numbers as text. What a reader sees has six digits; cells keep the number itself in data-value.

const minus = (text) => text.replaceAll('-', '\u2212');

function number(value, digits = 6) {
  if (value === null || value === undefined || Number.isNaN(value)) return '\u2013';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 10 ** Math.max(digits, 6)) return minus(String(Number(value.toPrecision(digits))));
  const [mantissa, exponent] = value.toExponential(digits - 1).split('e');
  return minus(`${Number(mantissa)}e${Number(exponent)}`);
}

const prefixes = [[1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, ''], [1e-3, 'm'], [1e-6, 'µ'], [1e-9, 'n'], [1e-12, 'p']];

// With a unit and its prefix: 1.2 kΩ.
function quantity(value, unit, digits = 5) {
  if (value === null || value === undefined) return '\u2013';
  if (!['Ω', 'V', 'A', 'S', 'W'].includes(unit) || value === 0) return number(value, digits) + (unit ? ` ${unit}` : '');
  const size = Math.abs(value);
  const [scale, prefix] = prefixes.find(([scale]) => size >= scale) ?? prefixes.at(-1);
  if (size >= 1e13 || size < 1e-13) return `${number(value, digits)} ${unit}`;
  return `${number(value / scale, digits)} ${prefix}${unit}`;
}

const brief = (value, unit) => number(value, 4) + (unit ? `\u00a0${unit}` : '');
const withUnit = (name, unit) => (unit ? `${name} (${unit})` : name);
const percent = (share, digits = 4) => `${number(100 * share, digits)} %`;
const counted = (count, noun) => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

// Round numbers between two, about this many.
function linearTicks(low, high, count, isWhole = false) {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / count, power = 10 ** Math.floor(Math.log10(rough));
  const found = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough), step = isWhole ? Math.max(1, found) : found;
  const ticks = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + 1e-9 * span; index++) ticks.push(index * step);
  return ticks;
}

// Powers of ten between two, about this many.
function logTicks(low, high, count) {
  const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first + 1) / count));
  const ticks = [];
  for (let exponent = Math.ceil(first / step) * step; exponent <= last; exponent += step) ticks.push(10 ** exponent);
  return ticks.length > 1 ? ticks : linearTicks(low, high, count).filter((tick) => tick > 0);
}
