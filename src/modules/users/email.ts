/**
 * The identity of an address: composed form (NFC), lower case, no surrounding space. Compared exactly after that:
 * look-alikes of other scripts are other addresses.
 */
export const normalizeEmail = (email: string): string => email.trim().normalize('NFC').toLowerCase();
