import { connectActs } from './acts.js';
import { connectLive } from './live.js';
import { localTimes } from './times.js';

const live = connectLive(localTimes);
connectActs(live.refresh);
localTimes(document);
