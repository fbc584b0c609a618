/** The Vant components this face uses, and nothing more. A new one is added here with its style. */
import type { App } from 'vue'
import { ConfigProvider, NavBar, Popup, PullRefresh } from 'vant'
import 'vant/es/config-provider/style/index.mjs'
import 'vant/es/nav-bar/style/index.mjs'
import 'vant/es/popup/style/index.mjs'
import 'vant/es/pull-refresh/style/index.mjs'
import 'vant/es/toast/style/index.mjs'
import '@shared/theme/vant.css'

export function useVant(app: App): void {
  for (const part of [ConfigProvider, NavBar, Popup, PullRefresh]) app.use(part)
}
