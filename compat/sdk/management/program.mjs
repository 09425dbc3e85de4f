// What somebody's program does with node-auth0: tells one story, the first argument, and prints what
// came of it.

import { ManagementClient } from "auth0";
import * as apis from "./apis.mjs";
import * as applications from "./applications.mjs";
import * as belongings from "./belongings.mjs";
import * as estate from "./estate.mjs";
import * as guardian from "./guardian.mjs";
import * as house from "./house.mjs";
import * as messages from "./messages.mjs";
import * as opening from "./opening.mjs";
import * as people from "./people.mjs";

const { DOMAIN, CLIENT_ID, CLIENT_SECRET } = process.env;
const client = new ManagementClient({ domain: DOMAIN, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });

const stories = {
  ...apis, ...applications, ...belongings, ...estate, ...guardian, ...house, ...messages, ...opening,
  ...people,
};
console.log(JSON.stringify(await stories[process.argv[2]](client, process.env)));
