// demo-check.mjs URL: the person of `scripts/demo --check`.  Opens the page in a headless Chromium, waits
// for the native peer, says something and waits until the native peer has answered just that.
import { chromium } from 'playwright-core'

const [url] = process.argv.slice(2)
const said = `hello from the page, ${new Date().toISOString()}`
const deadline = { timeout: 30000 }

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
try {
  const page = await browser.newPage()
  page.on('console', (message) => console.log(`   page: ${message.text()}`))
  page.on('pageerror', (error) => console.log(`   page: ${error}`))
  await page.goto(`${url}?room=lobby&name=person`)
  await page.locator('[data-peer-id][data-state=connected]').first().waitFor(deadline)
  console.log('   page: connected to the native peer')
  await page.locator('#message').fill(said)
  await page.locator('#send').click()
  const answer = page.locator('#log [data-kind=in]', { hasText: said }).first()
  await answer.waitFor(deadline)
  console.log(`   page: ${(await answer.innerText()).replaceAll('\n', ' ')}`)
  console.log('\nMessages went both ways over an open data channel.')
} catch (error) {
  console.log(`\nNo: ${error.message}`)
  process.exitCode = 1
} finally {
  await browser.close()
}
