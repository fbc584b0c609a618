/** The Element Plus components the desk uses, and nothing more. A new one is added here with its style. */
import type { App } from 'vue'
import { ElButton, ElConfigProvider, ElDropdown, ElDropdownItem, ElDropdownMenu } from 'element-plus'
import 'element-plus/theme-chalk/base.css'
import 'element-plus/theme-chalk/el-button.css'
import 'element-plus/theme-chalk/el-config-provider.css'
import 'element-plus/theme-chalk/el-dropdown.css'
import 'element-plus/theme-chalk/el-dropdown-item.css'
import 'element-plus/theme-chalk/el-dropdown-menu.css'
import 'element-plus/theme-chalk/el-popper.css'
import '@shared/theme/element.css'

export function useElement(app: App): void {
  for (const component of [ElButton, ElConfigProvider, ElDropdown, ElDropdownItem, ElDropdownMenu]) app.component(component.name!, component)
}
