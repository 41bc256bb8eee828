/** Shows the instants of a part of the page in the reader's own time; they come in UTC. */
export function localTimes(part) {
  for (const element of part.querySelectorAll('time[datetime]')) {
    const at = new Date(element.dateTime);
    element.textContent = WORDS[element.dataset.style]?.(at) ?? WORDS.clock(at);
    element.title = at.toLocaleString('en-GB', { timeZoneName: 'short' });
  }
}

const WORDS = {
  clock: (at) => (isToday(at) ? at.toLocaleTimeString('en-GB') : full(at)),
  full,
  ago,
};

function isToday(at) {
  return at.toDateString() === new Date().toDateString();
}

function full(at) {
  const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  return isToday(at) ? at.toLocaleTimeString('en-GB') : `${day} ${at.toLocaleTimeString('en-GB')}`;
}

const UNITS = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
];

function ago(at) {
  const seconds = (Date.now() - at.getTime()) / 1_000;
  for (const [size, name] of UNITS) {
    const number = Math.floor(seconds / size);
    if (number >= 1) return `${number} ${name}${number === 1 ? '' : 's'} ago`;
  }
  return 'just now';
}
