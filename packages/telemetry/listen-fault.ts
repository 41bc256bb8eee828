/** Why a port could not be opened, as a line that names the variable to change; null for any other error. */
export function listenFault(error: unknown, portVariable: string, hostVariable = 'HOST'): string | null {
  if (!(error instanceof Error)) return null;
  const port = String(Reflect.get(error, 'port'));
  const address = String(Reflect.get(error, 'address'));
  const code: unknown = Reflect.get(error, 'code');
  if (Reflect.get(error, 'syscall') !== 'listen') return null;
  if (code === 'EADDRINUSE')
    return `${portVariable}: port ${port} is in use on ${address}; choose another one`;
  if (code === 'EACCES')
    return `${portVariable}: this user may not listen on port ${port}; choose another one`;
  if (code === 'EADDRNOTAVAIL') return `${hostVariable}: ${address} is not an address of this machine`;
  return `${portVariable}: can't listen on ${address} port ${port}: ${String(code)}`;
}
