// The lock's property in as many rounds as it takes to meet what happens once in hundreds.

process.env['TEST_LOCK_ROUNDS'] ??= '300';
await import('../../files/lock.test.ts');
