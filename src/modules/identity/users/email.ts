/**
 * Normalises an address: composed form (NFC), lower case, no surrounding space. The result is compared exactly: letters of
 * other scripts that look the same are different addresses.
 */
export const normalizeEmail = (email: string): string => email.trim().normalize('NFC').toLowerCase();
