// Swagger UI on this installation's own API description.
(() => {
  const place = document.getElementById("swagger");
  const token = document.querySelector('meta[name="csrf-token"]').content;
  window.SwaggerUIBundle({
    url: place.dataset.url,
    domNode: place,
    deepLinking: false,
    validatorUrl: null,
    defaultModelsExpandDepth: 0,
    docExpansion: "list",
    requestInterceptor: (request) => {
      if (request.method && request.method.toUpperCase() !== "GET") request.headers["X-CSRFToken"] = token;
      return request;
    },
  });
})();
