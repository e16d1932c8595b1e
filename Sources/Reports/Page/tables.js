// A table that sorts by any column, and shows the first rows until all are asked for.
//
// A column is {name, unit?, value: row → number or text, text?: row → text, key?: value → number to sort by, isText?,
// mark?: row → class}.

function sortingTable(caption, columns, rows, { limit = 25, sorted, descending = true, choose, id } = {}) {
  let order = rows, all = rows.length <= limit + 5, by = sorted ?? null, falls = descending, wanted = '';
  const body = html('tbody');
  const heads = columns.map((column, index) => html('th', { scope: 'col', class: column.isText ? 'name' : 'number' },
    html('button', { type: 'button', onclick: () => {
      falls = by === index ? !falls : !column.isText;
      by = index;
      arrange();
    } }, withUnit(column.name, column.unit))));
  const count = html('p', { class: 'quiet', role: 'status' });
  const more = html('button', { type: 'button', class: 'more', onclick: () => { all = !all; show(); } });
  const title = captionOf(caption);
  const element = html('table', { id, 'aria-labelledby': title.id }, html('thead', {}, html('tr', {}, heads)), body);

  function compare(a, b) {
    const column = columns[by], x = column.value(a), y = column.value(b);
    if (column.isText) return String(x ?? '').localeCompare(String(y ?? ''), 'en', { numeric: true }) * (falls ? -1 : 1);
    // What has no number comes last, in either order.
    if (x === null || x === undefined) return y === null || y === undefined ? 0 : 1;
    if (y === null || y === undefined) return -1;
    const key = column.key ?? ((value) => value);
    return (key(x) - key(y)) * (falls ? -1 : 1);
  }

  function arrange() {
    heads.forEach((head, index) => {
      if (index === by) head.setAttribute('aria-sort', falls ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    });
    order = rows.filter((row) => wanted === '' || columns.some((column) =>
      column.isText && String(column.value(row) ?? '').toLowerCase().includes(wanted)));
    if (by !== null) order = order.toSorted ? order.toSorted(compare) : [...order].sort(compare);
    show();
  }

  function show() {
    const shown = all ? order : order.slice(0, limit);
    body.replaceChildren(...shown.map((row) => {
      const cells = columns.map((column, index) => {
        const value = column.value(row);
        const text = column.text ? column.text(row) : column.isText ? String(value ?? '\u2013') : number(value);
        const attributes = {
          class: `${column.isText ? 'name' : 'number'} ${column.mark?.(row) ?? ''}`.trim(),
          'data-value': column.isText ? null : value,
        };
        const content = index === 0 && choose ? html('button', { type: 'button', onclick: () => choose(row) }, text) : text;
        return index === 0 ? html('th', { scope: 'row', ...attributes }, content) : html('td', attributes, content);
      });
      return html('tr', {}, cells);
    }));
    count.textContent = shown.length < order.length
      ? `${shown.length.toLocaleString('en')} of ${counted(order.length, 'row')} shown`
      : wanted === '' ? '' : counted(order.length, 'row');
    count.hidden = count.textContent === '';
    more.textContent = all ? `Show the first ${limit}` : `Show all ${order.length.toLocaleString('en')}`;
    more.hidden = order.length <= limit || rows.length <= limit + 5;
  }

  const search = rows.length > limit && columns.some((column) => column.isText)
    ? html('div', { class: 'controls' }, html('label', {}, 'Find', html('input', {
      type: 'search', oninput: (event) => { wanted = event.target.value.trim().toLowerCase(); arrange(); },
    })))
    : null;
  arrange();
  return html('div', {}, title, search, scrolling(element, title), count, more);
}

// What stands above a table, over the width of the page and not of the table.
let captions = 0;
const captionOf = (text) => html('p', { class: 'caption', id: `caption-${++captions}` }, text);

// A frame in which a table that is wider than the page scrolls, by keys too.
const scrolling = (table, title) => html('div', { class: 'table', tabindex: 0, role: 'region', 'aria-labelledby': title.id }, table);

// Rows of a name and what it is.
function factTable(caption, facts) {
  const title = captionOf(caption);
  return html('div', {}, title, scrolling(
    html('table', { class: 'facts', 'aria-labelledby': title.id }, html('tbody', {}, facts.map(([name, text, value]) =>
      html('tr', {}, html('th', { scope: 'row', class: 'name' }, name), html('td', { class: 'name', 'data-value': value }, text))))), title));
}
