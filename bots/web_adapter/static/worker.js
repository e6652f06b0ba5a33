// Takes what other apps share: a form from them has no token, so the page sends the files itself.
"use strict";

async function take(request) {
  const files = (await request.formData()).getAll("photo");
  const shared = await caches.open("shared");
  await Promise.all(files.map((file, at) => {
    const headers = { "Content-Type": file.type, "X-Name": encodeURIComponent(file.name) };
    return shared.put(`/shared/${at}`, new Response(file, { headers }));
  }));
  return Response.redirect("/?shared", 303);
}

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "POST" && new URL(url).pathname === "/share") event.respondWith(take(event.request));
});
