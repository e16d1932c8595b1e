// Elements of the page. Text is always set as text: what a netlist says is never read as HTML.

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

const html = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);

// A group of choices, one of which holds.
function choice(legend, name, options, chosen, onchange) {
  return html('fieldset', {}, html('legend', {}, `${legend}:\u00a0`),
    options.map(([value, label]) => html('label', {},
      html('input', { type: 'radio', name, value, checked: value === chosen, onchange: () => onchange(value) }), label)));
}

function section(id, title, ...children) {
  return html('section', { id, 'aria-labelledby': `${id}-title` }, html('h2', { id: `${id}-title` }, title), children);
}

// Calls back with the width of an element, now and when it changes.
function onWidth(element, body) {
  let last = 0;
  const look = () => {
    const width = Math.floor(element.clientWidth);
    if (width > 0 && width !== last) body(last = width);
  };
  new ResizeObserver(look).observe(element);
  look();
}
