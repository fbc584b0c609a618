/** The Vant components this face uses, and nothing more. A new one is added here with its style. */
import type { App } from 'vue'
import { ActionSheet, NavBar, Popup, PullRefresh, Tab, Tabs, Tabbar, TabbarItem } from 'vant'
import 'vant/es/action-sheet/style/index.mjs'
import 'vant/es/dialog/style/index.mjs'
import 'vant/es/nav-bar/style/index.mjs'
import 'vant/es/popup/style/index.mjs'
import 'vant/es/pull-refresh/style/index.mjs'
import 'vant/es/tab/style/index.mjs'
import 'vant/es/tabs/style/index.mjs'
import 'vant/es/tabbar/style/index.mjs'
import 'vant/es/tabbar-item/style/index.mjs'
import 'vant/es/toast/style/index.mjs'
import '@shared/theme/vant.css'

export function useVant(app: App): void {
  for (const part of [ActionSheet, NavBar, Popup, PullRefresh, Tab, Tabs, Tabbar, TabbarItem]) app.use(part)
}
