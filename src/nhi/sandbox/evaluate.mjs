// Answers questions about IAM policies: JSON from standard input, JSON to standard output.
// The evaluator is a package of its own, in the folder that the first argument names.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { stdin, stdout, argv } from 'node:process'
import { text } from 'node:stream/consumers'

const require = createRequire(join(argv[2], 'package.json'))
const { createValidatedPolicy, validateResourcePolicy } = require('@cloud-copilot/iam-policy')
const { getDenialReasons, runSimulation, runUnsafeSimulation } = require('@cloud-copilot/iam-simulate')

// Claims of an identity provider that trust policies test and that IAM's published list of context keys leaves out:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
const CLAIM = /^[\w.-]+(\/[\w./-]+)?:(amr|aud|email|oaud|sub)$/

async function answer(question) {
  const checked = await runSimulation(question, {})
  if (checked.resultType === 'error') return { error: checked.errors }
  if (checked.resultType !== 'single') return { error: { message: 'a question is about one resource, without *' } }
  const { analysis, ignoredContextKeys } = checked.result
  if (ignoredContextKeys.length === 0) return verdict(analysis.result, getDenialReasons(analysis))
  const unknown = ignoredContextKeys.filter((key) => !CLAIM.test(key))
  if (unknown.length > 0) return { error: { message: `no such context key for this call: ${unknown.join(', ')}` } }
  // The same engine without its list of keys; the policies have been validated above. It gives no reasons.
  // It needs a named resource policy, and takes the name from a validated one only.
  const resourcePolicy =
    question.resourcePolicy && createValidatedPolicy(question.resourcePolicy, validateResourcePolicy, { name: 'resource' })
  return verdict(runUnsafeSimulation({ ...question, resourcePolicy }, {}), [])
}

function verdict(result, reasons) {
  return { result, reasons: result === 'Allowed' ? [] : reasons }
}

const questions = JSON.parse(await text(stdin))
const answers = []
for (const question of questions) answers.push(await answer(question))
stdout.write(JSON.stringify(answers))
