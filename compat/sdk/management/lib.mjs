// What the stories have in common.

/** All items of the SDK's pager. */
export async function all(pager) {
  const items = [];
  for await (const item of await pager) items.push(item);
  return items;
}

/** How a call that must fail fails. */
export async function fails(call) {
  try {
    await call;
  } catch ({ statusCode, body }) {
    return { statusCode, errorCode: body?.errorCode };
  }
  throw new Error("it did not fail");
}
