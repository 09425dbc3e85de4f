/**
 * What scripts add to the sign-in pages, which work without them: showing a password, saying what
 * is missing before the form is sent, telling the server what the browser can do.
 */

export {};
