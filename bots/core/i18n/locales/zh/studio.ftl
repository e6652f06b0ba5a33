### 仅在画室中使用的文字。

## 结果

first-frame-only = 这是动图，只处理第一帧。

## Studio

studio-name = 画室
studio-skip = 跳到图片
studio-nav = 页面
studio-photos = 照片
studio-styles = 风格
studio-history = 历史记录
studio-settings = 设置
studio-privacy = 隐私
studio-to-dark = 深色
studio-to-light = 浅色
studio-headline = 让照片变成名画。
studio-promise = 上传一张照片，立刻查看 { $count } 种风格的效果。可选梵高、葛饰北斋、克里姆特等，也可以用任何图片当作风格。无需账号，照片 { $hours } 小时后删除。
studio-drop = 把照片或视频拖到这里
studio-drop-by-finger = 添加照片
studio-drop-more = 也可以粘贴，或者
studio-choose = 选择照片
studio-camera = 拍照
studio-show-it = 查看所有风格
studio-too-large = 图片太大：最多 20 MB、6400 万像素。
studio-working = 正在读取图片……
studio-working-on = 正在读取第 { $number } 张，共 { $count } 张……
studio-left-out = 有 { $count } 个文件未能读取或重复，已略过。
studio-samples = 或试试示例照片
studio-try-sample = 试试示例照片 { $number }
studio-another-photo = 换一张照片
studio-recent = 你的照片
studio-photo-of = { $time } 的照片
studio-your-photo = 你的照片
studio-painted-as = 你的照片 · { $title }
studio-sample-as = 示例照片 · { $title }
studio-picture-of = “{ $title }”的风格图
studio-gallery = 你的照片，{ $count } 种风格
studio-gallery-of-many = { $photos } 张照片，{ $count } 种风格任选
studio-gallery-how = 点击一种风格，生成完整效果图。
studio-painters = 画家
studio-edits = 修改照片
studio-filters = 滤镜
studio-tags = 类别
studio-favourites = 收藏
studio-favourite = 收藏：{ $title }
studio-search = 搜索风格
studio-only = 显示哪些风格
studio-none-found = 没有匹配的风格。
studio-surprise = 随机一种
studio-previous = 上一种风格
studio-next = 下一种风格
studio-spread = 展开全部
studio-own = 自定义
studio-blend = 混合
studio-blend-none = 不混合
studio-share = 所占比例
studio-paint = 生成效果图
studio-repaint = 重新生成
studio-before = 原图
studio-after = 效果图
studio-compare = 拖动对比原图和效果图
studio-by = { $artist }，{ $year } 年
studio-save-photo = 保存图片
studio-save-all = 全部保存
studio-smaller = 较小尺寸：
studio-copy = 复制
studio-copied = 已复制
studio-share-it = 分享
studio-save-clip = 保存视频
studio-film = 短片
studio-story = 制作短片
studio-story-how = 勾选 1 到 { $most } 个结果，照片会依次变成画。
studio-story-scene = 加入短片
studio-story-with = 把“{ $title }”加入短片
studio-story-of = 短片：{ $title }
studio-story-shape = 宽高比
studio-story-shape-any = 接近第一张照片
studio-story-seconds = 秒数，6 到 30
studio-story-caption = 底部文字
studio-story-make = 开始制作
studio-progress = 已完成的比例
studio-delete = 删除
studio-undo = 撤销
studio-deleted = 已删除“{ $title }”。
studio-photo-deleted = 照片已删除，效果图仍在历史记录中。
studio-delete-named = 删除“{ $title }”
studio-again = 重新生成
studio-cancel = 取消
studio-waiting = 排队中
studio-result-gone = 效果图已删除。请重新生成，或查找你保存的文件。
studio-photo-gone = 照片已删除。想换风格，请重新添加照片。
studio-own-styles = 你的自定义风格
studio-own-how = 任何图片都可以当作风格：一幅画、一种花纹、孩子的涂鸦。只需一秒。
studio-own-none = 还没有自定义风格。
studio-own-picture = 上传风格图
studio-own-name = 名称
studio-own-add = 添加自定义风格
studio-own-make = 添加风格
studio-all-styles = 所有风格
studio-history-none = 还没有记录。生成的效果图会出现在这里。
studio-history-off = 未保存历史记录。可以在设置中开启。
studio-older = 更早
studio-default-style = 默认风格
studio-default-none = 无
studio-language = 语言
studio-language-any = 跟随浏览器
studio-remember = 保存历史记录
studio-save = 保存
studio-saved = 已保存。
studio-field-optional = { $title }（可选）
studio-field-kept = 沿用已上传的
studio-needs-input =
    { $what ->
        [mask] “{ $title }”需要蒙版：请在照片上涂抹要处理的区域，或选择蒙版文件，然后重试。
       *[other] “{ $title }”还需要一张图片。请选择后重试。
    }
studio-mask-how = 在照片上涂抹要处理的区域。
studio-mask-file = 蒙版文件，要处理的区域为白色
studio-mask-canvas = 用来涂抹蒙版的照片。方向键移动画笔，空格键点涂，按住 Shift 再按方向键可画线。
studio-mask-brush = 画笔
studio-mask-eraser = 橡皮
studio-mask-size = 画笔大小
studio-mask-undo = 撤销
studio-mask-clear = 清除
studio-mask-share = 已覆盖照片的 { $percent } %
studio-policy =
    你的照片和效果图会加密保存 { $hours } 小时，并去除元数据，其他浏览器无法查看。为照片添加的图片和蒙版也一样。到期后全部删除，不会用来训练。
    我们还会加密保存你的设置，以及你的自定义风格和风格图。
    历史记录保存 { $days } 天，含短片上的文字，不含图片。请求保存 { $jobs } 天，同样不含图片。
    一个 Cookie 用来识别这个浏览器，另一个记住浅色或深色模式。除此之外，我们不掌握你的任何信息。如果你被封禁，只保留一个匿名标识。
    你可以在下方导出或删除所有数据。
studio-export = 导出我的所有数据
studio-forget = 删除我的所有数据
studio-forget-asks = 将删除 { $pictures } 张图片、{ $history } 条记录、{ $styles } 个自定义风格、{ $jobs } 个请求和你的设置，且无法恢复。
studio-forget-yes = 是的，全部删除
studio-forgot = 已删除：{ $pictures } 张图片、{ $history } 条记录、{ $styles } 个自定义风格、{ $jobs } 个请求，以及你的设置。
studio-no-photo = 没有收到照片。请选择、拖入或拍摄一张。
studio-not-so = 请求无效。
studio-not-found = 页面不存在。
studio-form-old = 页面已过期，请刷新后再试。
studio-back = 返回画室
studio-sorry = 出错了
studio-lost = 找不到页面
studio-admin-parts = 管理
studio-admin-token = 令牌
studio-admin-token-how = 打开控制台中以“admin:”开头的那行里的网址，或把 # 后面的内容粘贴到这里。
studio-admin-enter = 登录
studio-admin-leave = 退出登录
studio-admin-wrong = 令牌不正确。正确的令牌在控制台中以“admin:”开头的那一行。
studio-admin-too-many = 错误次数过多，请几秒后再试。
studio-admin-back = 返回管理页面
studio-admin-order-how = 用箭头调整风格顺序。
studio-admin-order-drag = 也可以拖动圆点。
studio-admin-lost = 服务器没有响应，请稍后再试。
studio-admin-moved = { $title }现在排在第 { $place } 位。
studio-admin-new-how = 添加一张图片，或同一位画家的最多 { $most } 张图片。新风格先存为草稿，仅管理员可见。
studio-admin-modes = 暂停：接收照片并保留排队位置，但不绘制。收尾：画完队列中的照片，不再接收新照片。
