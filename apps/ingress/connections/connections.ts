import type { Socket } from 'node:net';
import { shareOf } from './address.ts';
import { createGroup, type Group, type Standing } from './group.ts';

/**
 * Who may hold a connection. The house has so many places, and one address a share of them; when one of both is
 * full, the newcomer gets the place of who deserves it least (`Group.least`). What has arrived is never cut.
 */
export interface Connections {
  /** Of a proxy that is trusted, `address` is null: it is told with each request. */
  opened(socket: Socket, address: string | null): void;
  /** The headers of a request are there. False where its address, which a proxy told, has no place left. */
  began(socket: Socket, toldAddress: string): boolean;
  /** Its body, too. */
  arrived(socket: Socket): void;
  /** A delivery that was verified; for the rest of its life, the connection is a sender's. */
  answered(socket: Socket, verified: boolean): void;
}

export interface ConnectionLimits {
  readonly total: number;
  readonly perAddress: number;
  /** A connection lost its place. */
  readonly onClosed?: (reason: 'crowded' | 'address-share') => void;
}

interface Guest {
  readonly socket: Socket;
  readonly proxied: boolean;
  share: string | null;
  verified: boolean;
  standing: Standing;
}

export function createConnections({ total, perAddress, onClosed }: ConnectionLimits): Connections {
  const guests = new WeakMap<Socket, Guest>();
  const house = createGroup<Guest>();
  const shares = new Map<string, Group<Guest>>();

  function stand(guest: Guest, standing: Standing): void {
    guest.standing = standing;
    house.put(guest, standing);
    if (guest.share !== null) shares.get(guest.share)?.put(guest, standing);
  }

  function joinShare(guest: Guest, share: string): Group<Guest> {
    const group = shares.get(share) ?? createGroup<Guest>();
    shares.set(share, group);
    guest.share = share;
    group.put(guest, guest.standing);
    return group;
  }

  function leaveShare(guest: Guest): void {
    const group = guest.share === null ? undefined : shares.get(guest.share);
    group?.remove(guest);
    if (guest.share !== null && group?.size === 0) shares.delete(guest.share);
    guest.share = null;
  }

  function leave(guest: Guest): void {
    house.remove(guest);
    leaveShare(guest);
  }

  function close(guest: Guest, reason: 'crowded' | 'address-share'): void {
    leave(guest);
    onClosed?.(reason);
    guest.socket.destroy();
  }

  return {
    opened(socket, address) {
      const guest: Guest = {
        socket,
        proxied: address === null,
        share: null,
        verified: false,
        standing: 'idle',
      };
      guests.set(socket, guest);
      socket.once('close', () => leave(guest));
      stand(guest, 'idle');
      if (address !== null) {
        const group = joinShare(guest, shareOf(address));
        if (group.size > perAddress) close(group.least() ?? guest, 'address-share');
      }
      if (house.size > total) close(house.least() ?? guest, 'crowded');
    },
    began(socket, toldAddress) {
      const guest = guests.get(socket);
      if (guest === undefined) return true;
      stand(guest, 'arriving');
      if (!guest.proxied || toldAddress === socket.remoteAddress) return true;
      leaveShare(guest);
      const group = joinShare(guest, shareOf(toldAddress));
      if (group.size <= perAddress) return true;
      const least = group.least() ?? guest;
      if (least === guest) return false;
      close(least, 'address-share');
      return true;
    },
    arrived(socket) {
      const guest = guests.get(socket);
      if (guest !== undefined) stand(guest, 'arrived');
    },
    answered(socket, verified) {
      const guest = guests.get(socket);
      if (guest === undefined) return;
      guest.verified ||= verified;
      if (guest.proxied) leaveShare(guest);
      stand(guest, guest.verified ? 'idle-sender' : 'idle');
    },
  };
}
