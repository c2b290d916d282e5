// What usher.conf needs beyond nginx: a SHA-256, a clock, and a line of JSON.

import crypto from 'crypto';
import fs from 'fs';

const form = /^bearer +(usk_[A-Za-z0-9_-]{43}_[A-Za-z0-9_-]{6})$/i;
const entryForm = /^[A-Za-z0-9_]+ [0-9]{1,12} [A-Za-z0-9_-]+$/;

/// The SHA-256 of the key, or nothing: one header, of a scheme in any case, blanks, and a key of the
/// very form that usher gives them.
function digest(r) {
  const headers = r.rawHeadersIn.filter((pair) => pair[0].toLowerCase() === 'authorization');
  const found = headers.length === 1 ? form.exec(headers[0][1]) : null;
  return found ? crypto.createHash('sha256').update(found[1]).digest('hex') : '';
}

/// Member, end in seconds since 1970 and subscription, as long as the end has not come.
function entry(r) {
  const text = r.variables.usher_entry || '';
  const words = entryForm.test(text) ? text.split(' ') : null;
  return words && Math.floor(Date.now() / 1000) < Number(words[1]) ? words : null;
}

function member(r) {
  const words = entry(r);
  return words ? words[0] : '';
}

/// Whether this worker only ends what it has begun, after a reload. Of all that nginx lets scripts see,
/// the title of the process tells it, where there is a /proc.
function isStopping() {
  try {
    return fs.readFileSync('/proc/self/cmdline').toString().includes('shutting down');
  } catch (error) {
    return false;
  }
}

/// Why a call is not let through, or nothing.
function verdict(r) {
  // What nginx says in our words, of requests in which there may be no key to be read.
  if (r.variables.uri === '/.usher/error') {
    return '';
  }
  return isStopping() ? 'reloaded' : member(r) === '' ? 'refused' : '';
}

function subscription(r) {
  const words = entry(r);
  return words ? words[2] : '';
}

function keyID(r) {
  return 'k_' + r.variables.usher_digest.substring(0, 16);
}

/// A line of usage, or nothing. Only an amount that usher takes makes one, so that one answer cannot
/// spoil a file.
function usage(r) {
  const credits = r.variables.upstream_http_x_usher_credits || '';
  if (!/^(0|[1-9][0-9]{0,11})([.][0-9]{1,6})?$/.test(credits)) {
    return '';
  }
  const model = r.variables.upstream_http_x_usher_model || '';
  const isModel = /^[A-Za-z0-9][A-Za-z0-9._:\/@+-]{0,127}$/.test(model) && !/us[kt]_/.test(model);
  const fields = [
    '"time":"' + new Date().toISOString() + '"',
    '"request":"' + r.variables.request_id + '"',
    '"status":' + r.variables.status,
    '"key_id":"' + keyID(r) + '"',
    '"holder":"' + member(r) + '"',
    '"model":"' + (isModel ? model : 'unnamed') + '"',
    '"credits":' + credits,
  ];
  const tokens = { input_tokens: 'input', output_tokens: 'output' };
  Object.keys(tokens).forEach((name) => {
    const count = r.variables['upstream_http_x_usher_' + tokens[name] + '_tokens'] || '';
    if (/^(0|[1-9][0-9]{0,14})$/.test(count)) {
      fields.push('"' + name + '":' + count);
    }
  });
  return '{' + fields.join(',') + '}';
}

export default { digest, member, verdict, subscription, keyID, usage };
