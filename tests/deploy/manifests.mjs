/*
 * node manifests.mjs
 *
 * Prints, for each container of deploy/'s manifests, what it lacks of what every
 * container must have. Silence is good; one line each otherwise, and exit status 1.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { parseAllDocuments } = createRequire(join(root, 'openapi', 'package.json'))('yaml');
let wrong = 0;

function complain(text) {
  console.log(text);
  wrong++;
}

function checkContainer(where, pod, container) {
  const own = container.securityContext ?? {};
  const requirements = {
    'is not root': pod.securityContext?.runAsNonRoot === true && pod.securityContext.runAsUser > 0,
    'has the default seccomp profile': pod.securityContext?.seccompProfile?.type === 'RuntimeDefault',
    'gains no privileges': own.allowPrivilegeEscalation === false,
    'cannot write its root file system': own.readOnlyRootFilesystem === true,
    'has no capabilities': own.capabilities?.drop?.includes('ALL') && !own.capabilities.add,
    'asks for CPU and memory': Boolean(
      container.resources?.requests?.cpu && container.resources.requests.memory,
    ),
    'has a limit of memory': Boolean(container.resources?.limits?.memory),
    'has a readiness probe': Boolean(container.readinessProbe),
    'names its ports in its probes': [
      container.livenessProbe,
      container.readinessProbe,
      container.startupProbe,
    ].every((probe) => {
      const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port;
      return port === undefined || container.ports.some(({ name }) => name === port);
    }),
    'mounts what there is': (container.volumeMounts ?? []).every(({ name }) => pod.all.has(name)),
  };
  for (const [requirement, holds] of Object.entries(requirements)) {
    if (!holds) complain(`${where}, ${container.name}: it must hold that it ${requirement}`);
  }
}

function checkObject(where, object) {
  for (const member of ['apiVersion', 'kind', 'metadata']) {
    if (!object?.[member]) complain(`${where}: no ${member}`);
  }
  const pod = object?.kind === 'Pod' ? object.spec : object?.spec?.template?.spec;
  if (!pod) return;
  const claims = (object.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata);
  pod.all = new Set([...(pod.volumes ?? []), ...claims].map(({ name }) => name));
  if (!(pod.terminationGracePeriodSeconds > 0)) complain(`${where}: no grace period`);
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    checkContainer(where, pod, container);
  }
}

for (const file of readdirSync(join(root, 'deploy')).filter((name) => name.endsWith('.yaml'))) {
  const documents = parseAllDocuments(readFileSync(join(root, 'deploy', file), 'utf8'), {
    strict: true,
    uniqueKeys: true,
  });
  for (const document of documents) {
    for (const problem of [...document.errors, ...document.warnings]) {
      complain(`${file}: ${problem.message}`);
    }
    const object = document.errors.length ? {} : document.toJS();
    if (!object.groups) checkObject(`${file}, ${object.kind}`, object);
  }
}
process.exit(wrong ? 1 : 0);
