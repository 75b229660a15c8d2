// ldap against a real GLAuth: the recipe of the page, as it is written.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { requirePrograms } from '../apiserver/programs.ts';
import { GLAUTH_SERVICE, GLAUTH_SUFFIX, type Glauth, startGlauth } from '../rig/glauth.ts';
import { makePki } from '../rig/pki.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { recipe, withBroker } from './recipe.ts';

void describe('ldap with GLAuth', { skip: requirePrograms('glauth') }, () => {
  let glauth: Glauth;
  before(async () => {
    glauth = await startGlauth(makePki(temporaryFolder('glauth-pki')));
  });
  after(() => glauth?.stop());

  void test('the recipe: people by name, posix groups, the number as uid', async () => {
    const own = { suffix: GLAUTH_SUFFIX, urls: [glauth.ldapsUrl], caFile: glauth.caFile };
    await withBroker([recipe('GLAuth', own)], GLAUTH_SERVICE.password, async ({ login, broker }) => {
      const groups = 'glauth:devs glauth:eng glauth:ops';
      assert.equal(await login('alice:pw-alice'), `authenticated glauth:alice ${groups}`);
      assert.equal((await broker.review('alice:pw-alice')).status.user?.uid, '5001');
      assert.equal(await login('alice:wrong'), 'rejected wrong-password');
      assert.equal(await login('gone:pw-gone'), 'rejected unknown-user');
      assert.equal(await login('devs:pw'), 'rejected unknown-user');
    });
  });
});
