/**
 * Buttons with `data-act` post there. `data-body` is what they send, `data-ask` a question that comes first, and
 * `data-then` a page to go to afterwards.
 */
export function connectActs(refresh) {
  document.addEventListener('click', async (event) => {
    const button = event.target.closest?.('button[data-act]');
    if (!button || button.disabled) return;
    const { act, body, ask: question, yes, no, then } = button.dataset;
    if (question && !(await ask(question, yes, no))) return;
    button.disabled = true;
    const answer = await post(act, body);
    button.disabled = false;
    if (answer.error === undefined && then) {
      location.assign(then);
      return;
    }
    notice(answer.error ?? answer.message, answer.error === undefined ? 'good' : 'bad');
    await refresh();
  });
}

async function post(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Switchyard-Console': '1' },
    body: body ?? '{}',
  }).catch(() => null);
  if (response === null) return { error: 'The console does not answer. Is it still running?' };
  const answer = await response.json().catch(() => ({}));
  if (response.status === 401) location.reload();
  return response.ok ? answer : { error: answer.error ?? `The console answered ${response.status}.` };
}

function ask(question, yes, no) {
  const dialog = document.getElementById('ask');
  document.getElementById('ask-text').textContent = question;
  dialog.querySelector('button[value=no]').textContent = no;
  const confirm = document.getElementById('ask-yes');
  confirm.textContent = yes;
  confirm.className = yes.startsWith('Discard') ? 'danger' : 'primary';
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

const SHOWN_MS = 6_000;

function notice(words, level) {
  const line = document.createElement('p');
  line.textContent = words;
  line.dataset.level = level;
  document.getElementById('notices').append(line);
  setTimeout(() => line.remove(), SHOWN_MS);
}
