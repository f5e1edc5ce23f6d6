/* global SwaggerUIBundle */

/*
 * Swagger UI shows a JSON reply as JSON.parse reads it, which rounds integers
 * above 2^53: exactly what a page about 64-bit numbers must not do. A reply with
 * such an integer is shown as it came.
 */
function exactIntegers() {
  const rounded = (text) =>
    (text.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/-?\d+/g) ?? [])
      .some((digits) => !Number.isSafeInteger(Number(digits)));
  return {
    wrapComponents: {
      responseBody: (Original, { React }) => (props) =>
        React.createElement(
          Original,
          typeof props.content === 'string' && rounded(props.content)
            ? { ...props, contentType: 'text/plain' }
            : props,
        ),
    },
  };
}

SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  plugins: [exactIntegers],
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
});
