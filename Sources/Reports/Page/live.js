// The page of a training that goes on: drawn again when there is news.

const news = html('p', { id: 'live', role: 'status' }, 'The training goes on.');
document.querySelector('header').append(news);
const events = new EventSource('events');
let shown = -1, wanted = 0, isReading = false;

function lose() {
  events.close();
  news.textContent = 'The training can no longer be reached; this is how it was last seen.';
}

async function readNews() {
  if (isReading) return;
  isReading = true;
  try {
    while (shown < wanted) {
      const version = wanted, answer = await fetch('report.json', { cache: 'no-store' });
      const report = await answer.json(), place = window.scrollY;
      const open = [...document.querySelectorAll('details[open]')].map((element) => element.id);
      renderReport(report, document.getElementById('report'));
      for (const id of open) document.getElementById(id)?.setAttribute('open', '');
      window.scrollTo(0, place);
      shown = version;
    }
  } catch { lose(); }
  isReading = false;
}

events.onmessage = (event) => { wanted = Math.max(wanted, Number(event.data)); readNews(); };
events.addEventListener('end', () => { events.close(); news.textContent = 'The training has ended.'; });
events.onerror = lose;
