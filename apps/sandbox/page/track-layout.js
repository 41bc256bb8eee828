/**
 * Where everything stands in the track diagram, in two layouts: across for a wide screen, down for a phone.
 * A `text` is [x, y, anchor].
 */
export const queues = ['crm-sync', 'bot-replies', 'routing'];

const laneY = { 'crm-sync': 44, 'bot-replies': 122, routing: 200 };
const endY = { 'crm-sync': 44, 'bot-replies': 157, routing: 165 };

export const across = {
  width: 1200,
  height: 238,
  source: { box: [4, 94, 124, 56], name: [66, 118, 'middle'], note: [66, 137, 'middle'] },
  ingress: {
    center: [252, 122],
    radius: 17,
    name: [252, 92, 'middle'],
    counts: [
      [252, 162, 'middle'],
      [252, 180, 'middle'],
    ],
  },
  toIngress: 'M130 122H234',
  lane(queue) {
    const y = laneY[queue];
    const end = endY[queue];
    const fan = y === 122 ? 'M270 122H780' : `M270 122h14C334 122 330 ${y} 384 ${y}H780`;
    const home = y === end ? `M802 ${y}H1056` : `M802 ${y}H890C950 ${y} 940 ${end} 1000 ${end}H1056`;
    return {
      toWorker: fan,
      toTarget: home,
      siding: `M548 ${y}c18 0 18 -21 36 -21h60c18 0 18 21 36 21`,
      name: [396, y - 13, 'start'],
      oldest: [676, y - 27, 'end'],
      figures: [396, 478, 552, 646, 712].map((x) => [x, y + 26, 'start']),
      worker: [791, y],
      state: [791, y - 24, 'middle'],
      signal: [750, y - 18],
      post: `M750 ${y - 12}V${y}`,
      /** The n-th wagon that waits at the signal. */
      wagon: (n) => [720 - n * 19, y - 6, 16, 12],
      mostWagons: 9,
      retrying: (n) => [630 - n * 17, y - 27, 14, 11],
      mostRetrying: 3,
    };
  },
  targets: {
    crm: { box: [1058, 16, 138, 56], name: [1127, 40, 'middle'], note: [1127, 59, 'middle'] },
    chatwoot: { box: [1058, 133, 138, 56], name: [1127, 157, 'middle'], note: [1127, 176, 'middle'] },
  },
};

const laneX = { 'crm-sync': 22, 'bot-replies': 138, routing: 254 };

export const down = {
  width: 360,
  height: 520,
  source: { box: [72, 2, 132, 46], name: [138, 21, 'middle'], note: [138, 38, 'middle'] },
  ingress: {
    center: [138, 104],
    radius: 16,
    name: [166, 92, 'start'],
    counts: [
      [166, 110, 'start'],
      [166, 127, 'start'],
    ],
  },
  toIngress: 'M138 50V86',
  lane(queue) {
    const x = laneX[queue];
    return {
      toWorker: x === 138 ? 'M138 122V402' : `M138 122v10C138 168 ${x} 150 ${x} 190V402`,
      toTarget: `M${x} 426V462`,
      siding: null,
      name: [x + 15, 212, 'start'],
      oldest: [x + 15, 340, 'start'],
      figures: [236, 256, 276, 296, 316].map((y) => [x + 15, y, 'start']),
      worker: [x, 414],
      state: [x + 20, 418, 'start'],
      signal: [x + 14, 384],
      post: `M${x + 8} 384H${x}`,
      wagon: (n) => [x - 6, 366 - n * 19, 12, 16],
      mostWagons: 8,
      retrying: null,
      mostRetrying: 0,
    };
  },
  targets: {
    crm: { box: [2, 464, 96, 48], name: [50, 484, 'middle'], note: [50, 502, 'middle'] },
    chatwoot: { box: [112, 464, 206, 48], name: [215, 484, 'middle'], note: [215, 502, 'middle'] },
  },
};
