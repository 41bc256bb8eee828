import { connectBoard } from './board.js';
import { showCustomer } from './customer.js';
import { showDeliveries } from './deliveries.js';
import { showExperiments } from './experiments.js';
import { showHealth } from './health.js';
import { showLogs } from './logs.js';
import { connectTabs } from './tabs.js';
import { showTrack } from './track.js';

const connection = { tell: () => {} };
const board = connectBoard({ onConnection: (connected) => connection.tell(connected) });
connection.tell = showHealth(board).connection;

showTrack(board);
showCustomer(board);
showDeliveries(board);
showExperiments(board);
const logs = showLogs(board);
connectTabs(
  [
    { tab: 'tab-deliveries', pane: 'deliveries-pane', controls: 'show-ignored-label' },
    { tab: 'tab-logs', pane: 'logs-pane', controls: 'log-process-label' },
  ],
  logs.draw,
);
