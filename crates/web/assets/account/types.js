/**
 * Shapes that travel between the modules of the account page.
 *
 * @typedef {object} Config
 * @property {string} issuer with trailing slash
 * @property {string} clientId
 * @property {string} audience
 * @property {string} redirectUri
 * @property {string} scope
 *
 * @typedef {object} Session
 * @property {string} accessToken
 * @property {{ name?: string, email?: string, sub?: string }} claims of the ID token
 *
 * @typedef {object} Factor
 * @property {string} type
 * @property {string[]} [usage]
 *
 * @typedef {object} Method an authentication method, as the My Account API lists it
 * @property {string} id
 * @property {string} type
 * @property {string[]} usage
 * @property {string} created_at
 * @property {boolean} [confirmed]
 * @property {string} [name]
 * @property {string} [email]
 * @property {string} [phone_number]
 * @property {string} [preferred_authentication_method]
 * @property {string} [user_agent]
 * @property {string[]} [transports]
 * @property {"single_device" | "multi_device"} [credential_device_type]
 * @property {boolean} [credential_backed_up]
 * @property {string} [last_auth_at]
 * @property {string} [last_password_reset]
 *
 * @typedef {object} Challenge the answer to an enrolment
 * @property {string} [id]
 * @property {string} auth_session
 * @property {string} [barcode_uri]
 * @property {string} [manual_input_code]
 * @property {string} [recovery_code]
 * @property {PasswordPolicy} [policy]
 * @property {object} [authn_params_public_key] PublicKeyCredentialCreationOptionsJSON
 *
 * @typedef {object} Would what a write would come to
 * @property {number} status
 * @property {string[]} [removes] ids of the methods that would go
 *
 * @typedef {object} PasswordPolicy
 * @property {{ min_length: number, character_types: string[], character_type_rule: string,
 *   identical_characters: string, sequential_characters: string, max_length_exceeded: string
 *   }} complexity
 * @property {{ active: boolean, blocked_fields: string[] }} profile_data
 * @property {{ active: boolean, size: number }} history
 * @property {{ active: boolean, default: string }} dictionary
 *
 * @typedef {object} Problem an error body of the My Account API
 * @property {string} [type]
 * @property {number} [status]
 * @property {string} [title]
 * @property {string} [detail]
 * @property {string} [error]
 * @property {{ detail: string, field?: string, pointer?: string }[]} [validation_errors]
 */

export {};
