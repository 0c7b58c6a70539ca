import { expect, it } from 'vitest';
import { visitorHome } from '../../src/impact/visitors.js';
import { shippedImpactRules } from '../services/customers.js';

const rules = {
  ...shippedImpactRules.visitors,
  ownNetworks: ['20801', '310410'],
  ownCountryCodes: ['33'],
};

it.each([
  ['208010000000001', undefined],
  ['310410000000001', undefined],
  ['208150000000001', { network: '20815', country: 'FR' }],
  ['262011234567890', { network: '26201', country: 'DE' }],
  ['310260123456789', { network: '310260', country: 'US' }],
  ['999991234567890', { network: '99999', country: '' }],
  ['+33612345678', undefined],
  ['33612345678', undefined],
  ['0612345678', undefined],
  ['+447400123456', { network: '', country: 'GB' }],
  ['4915112345678', { network: '', country: 'DE' }],
  ['account-7', undefined],
])('takes %j for a phone of %j', (identifier, home) => {
  expect(visitorHome(identifier, rules)).toEqual(home);
});

it('takes nobody for a visitor as shipped: nothing says which networks are ours', () => {
  for (const identifier of ['262011234567890', '+447400123456']) {
    expect(visitorHome(identifier, shippedImpactRules.visitors)).toBeUndefined();
  }
});
