### 管理员看到的文字。

## 命令

command-admin = 风格、队列、限额、统计
command-addstyle = 添加公共风格：发送图片并附上 /addstyle 名称
command-importstyle = 从文件导入风格
command-queue = 查看队列
command-pause = 暂停绘制，仍接收照片：/pause 18:00 恢复
command-drain = 画完队列中的照片，不再接收新照片
command-open = 恢复开放
command-block = 封禁：/block telegram:123 原因
command-allow = 解除封禁
command-blocks = 查看封禁名单
command-chats = 群组和服务器的设置
command-limits = 查看或修改限额：/limits per_minute 5
command-stats = 最近一天的统计
command-audit = 管理员操作和被拒操作的日志

## 管理

admin-styles = { $count } 个风格 · ● 启用 ◌ 停用 ✎ 草稿 ? 待审核 ✕ 下架 ★ 默认
admin-state-draft = 草稿
admin-state-submitted = 待审核
admin-state-on = 启用
admin-state-resting = 停用
admin-state-retired = 下架
admin-used = 近七天使用 { $count } 次
admin-doubtful = 图片未通过内容检查，请自行决定。
admin-enable = 启用
admin-rest = 停用
admin-retire = 下架
admin-restore = 恢复
admin-discard = 删除草稿
admin-title = 标题：{ $language }
admin-tags = 标签
admin-previews = 预览
admin-export = 导出
admin-refine = 优化
admin-refining = 正在优化“{ $title }” · { $percent } %
admin-refined = “{ $title }”优化完成。效果图与风格图的差距：优化前 { $before }，优化后 { $after }（格拉姆距离，0 表示相同）。
admin-not-better = “{ $title }”没有变化，未找到更好的结果。
admin-move-first = ⤒ 置顶
admin-move-earlier = ▲ 上移
admin-move-later = ▼ 下移
admin-make-default = 设为所有人的默认风格
admin-accept = 通过并公开
admin-decline = 拒绝
admin-look = 查看
admin-submission = 有人提交了风格“{ $name }”，申请公开。
admin-part-styles = 风格
admin-part-queue = 队列
admin-part-limits = 限额
admin-part-blocks = 封禁名单
admin-part-stats = 统计
admin-part-audit = 操作日志
admin-is-open = ▶ 开放
admin-is-paused = ⏸ 暂停
admin-is-draining = ⏏ 收尾
admin-mode-open = ▶ 开放
admin-mode-paused = ⏸ 暂停
admin-mode-draining = ⏏ 收尾
admin-waiting = { $waiting } 个排队，{ $running } 个处理中
admin-oldest = 最早的请求已等待 { $seconds } 秒。各聊天的照片数：
admin-blocked =
    { $count ->
        [0] 已封禁。
       *[other] 已封禁，并取消了 { $count } 个请求。
    }
admin-allowed = 已解除封禁。
admin-not-blocked = 对方未被封禁。
admin-stats = { $hours } 小时内：{ $chats } 个聊天，{ $people } 人，{ $photos } 张照片
admin-times = 中位数：等待 { $wait } 秒，绘制 { $work } 秒
admin-audit = 管理员操作，最新的在前
admin-about-styles = 全部风格：查看、启用、重命名、排序、下架；以及用户提交的风格
admin-about-cancel = 取消一个请求
admin-job = 请求编号
admin-limit = 哪项限额；不填则显示全部
admin-value = 新的值；不填则恢复默认
admin-cancelled = 请求 { $job } 已取消。
admin-discarded = 草稿已删除。
admin-declined = 已拒绝“{ $title }”，仅作者本人可用。
admin-exported = 把这个文件导入其他 stylebot，即可得到同样的风格。
admin-home = 管理
admin-part-chats = 聊天
admin-default = 所有人的默认风格
admin-offered = 用户提交的
admin-no-default = 取消默认
admin-move-first-named = 将{ $title }置顶
admin-move-earlier-named = 将{ $title }上移
admin-move-later-named = 将{ $title }下移
admin-pictures = 选择图片
admin-name = 名称
admin-begin = 新建风格
admin-import = 导入风格
admin-file = 风格文件 NAME.stylebot.json
admin-rename = 重命名
admin-tags-how = 标签，用逗号分隔
admin-words = 给用户的提示
admin-column-request = 请求
admin-column-of = 用户
admin-column-state = 状态
admin-column-age = 时长
admin-give-up = 取消
admin-give-up-named = 取消请求 { $job }
admin-limit-waiting = 队列中的照片总数
admin-limit-waiting_per_user = 每人排队的照片数
admin-limit-per_minute = 每人每分钟的照片数
admin-limit-running_per_user = 每人同时处理的请求数
admin-limit-album = 每个请求的照片数
admin-limit-own_styles = 每人的自定义风格数
admin-between = { $least } 到 { $most }
admin-default-value = 恢复为 { $default }
admin-whom = 用户或聊天，例如 web:123、telegram:123 或 chat discord:456
admin-why = 原因，仅管理员可见
admin-block = 封禁
admin-allow = 解除封禁
admin-allow-named = 解除封禁 { $name }
admin-blocks =
    { $count ->
        [0] 没有被封禁的用户或聊天。
       *[other] 已封禁 { $count } 个，仅保存匿名标识。
    }
admin-chats-how =
    { $count ->
        [0] 还没有群组或服务器修改过设置。
       *[other] 修改过设置的群组和服务器。在这里修改会立即生效。
    }
admin-chat-styles = 允许的风格：{ $count } 个
admin-chat-all-styles = 允许所有风格
admin-photo-check = 图片检查
admin-spans = 统计时段（小时）
admin-job-queued = 排队中
admin-job-running = 处理中
admin-job-done = 发送中
admin-job-delivered = 已送达
admin-job-failed = 失败
admin-job-cancelled = 已取消
admin-job-draft = 未选择风格
admin-best = 使用最多
admin-column-when = 时间
admin-column-who = 操作人
admin-column-act = 操作
admin-column-subject = 对象
admin-limits = 限额；括号内为默认值。
admin-ask-title = “{ $title }”的{ $language }标题是什么？
admin-ask-tags = “{ $title }”有哪些标签？用逗号分隔。
admin-add-how = 请发送一张图片，或同一位画家的最多四张图片。
admin-import-how = 请发送风格文件 NAME.stylebot.json。
admin-ask-words = 给用户什么提示？例如：18:00 恢复。
admin-ask-whom = 要封禁谁？请发送用户或聊天：telegram:123、discord:456 或 chat discord:789。
admin-ask-why = 原因是什么？仅管理员可见。
admin-ask-limit = { $least } 到 { $most }，或发送“default”恢复为 { $default }。
admin-place = 位置，从 0 开始
admin-saved = 已保存。
admin-save = 保存
admin-change = 修改
admin-again = 刷新
admin-language = 语言
admin-outcomes = 结果统计
admin-column-photos = 照片数
