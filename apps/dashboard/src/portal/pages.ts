/** The pages for people with an account: loaded when the first of them is visited. */
import './portal.css';
import './wizard.css';

export { AccountPage as account } from './account-page.js';
export { ApiKeysPage as apiKeys } from './api-keys-page.js';
export { AuditPage as audit } from './audit-page.js';
export { JoinPage as join } from './join-page.js';
export { PeoplePage as people } from './people-page.js';
export { SignInPage as signIn } from './sign-in-page.js';
export { UseCasePage as useCase } from './use-case/use-case-page.js';
export { UseCasesPage as useCases } from './use-case/use-cases-page.js';
export { WizardPage as wizard } from './wizard/wizard-page.js';
